"""What policies say, and which one the desk follows by itself."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from backorders.engine.policy.definition import FilterField, PolicyDefinition, as_json
from backorders.engine.policy.reader import InvalidPolicy, Problem, parse_definition
from backorders.errors import PolicyRefused, PolicyUnknown, StaleForm
from backorders.models import AllocationPolicy, OrderLine, PolicyVersion
from backorders.queue.compiled_policy import known_codes, named_codes, snapshot_of
from backorders.queue.queries.segments import Catch, segment_catches
from backorders.queue.queues import mark_queues_changed

NOUNS = {
    FilterField.TIER: "tier",
    FilterField.CUSTOMER: "customer",
    FilterField.CATEGORY: "category",
    FilterField.PRODUCT: "product",
    FilterField.WAREHOUSE: "warehouse",
}


@transaction.atomic
def write_policy(
    *,
    code: str,
    name: str,
    description: str,
    definition: Mapping[str, Any],
    comment: str,
    by: User | None,
    now: datetime,
) -> AllocationPolicy:
    """A new policy with its first version; it serves nobody before somebody chooses it. Raises PolicyRefused."""
    policies = _locked_policies()
    if any(policy.code.lower() == code.lower() for policy in policies):
        raise PolicyRefused(f"There is already a policy “{code}”.", [("code", "another policy has this code")])
    sound = checked(definition, code=code)
    policy = AllocationPolicy.objects.create(code=code, name=name, description=description)
    _add_version(policy, 1, sound, comment=comment, by=by, now=now)
    return policy


@transaction.atomic
def change_policy(
    *,
    policy_id: int,
    based_on: int,
    name: str,
    description: str,
    definition: Mapping[str, Any],
    comment: str,
    by: User | None,
    now: datetime,
) -> PolicyVersion:
    """Say it anew: a version behind the one that the person looked at, `based_on`; the same words make none.

    Raises PolicyRefused, and StaleForm when somebody else wrote a version meanwhile.
    """
    policy = next(policy for policy in _locked_policies() if policy.pk == policy_id)
    newest = policy.versions.order_by("-number")[0]
    if newest.number != based_on:
        raise StaleForm(
            f"{newest.made_by or 'Somebody'} saved version {newest.number} of “{policy}” since you opened version"
            f" {based_on}. Review that change, then repeat yours."
        )
    sound = checked(definition, code=policy.code)
    policy.name, policy.description = name, description
    policy.save(update_fields=["name", "description"])
    if as_json(sound) == as_json(newest.parsed):
        return newest
    version = _add_version(policy, newest.number + 1, sound, comment=comment, by=by, now=now)
    if policy.is_default:
        follow_default_policy()
    return version


@transaction.atomic
def use_policy(*, policy_id: int, active: bool) -> None:
    """Take a policy out of use, or into use again. Raises PolicyRefused while something leans on it."""
    policies = _locked_policies()
    policy = next(policy for policy in policies if policy.pk == policy_id)
    if not active and policy.is_default:
        raise PolicyRefused("The default policy cannot be deactivated. Choose another default first.")
    leaning = [
        version.policy.name
        for version in PolicyVersion.objects.filter(policy__active=True).select_related("policy").current()
        if version.parsed.fallback.lower() == policy.code.lower()
    ]
    if not active and leaning:
        raise PolicyRefused(f"“{policy}” is the fallback of {', '.join(leaning)}: change that first.")
    policy.active = active
    policy.save(update_fields=["active"])


@transaction.atomic
def choose_default_policy(*, policy_id: int, by: User | None, now: datetime) -> AllocationPolicy:
    """What nightly runs, receipts, new orders and promise dates use from now on.

    No allocation moves here: the next run does that. The dates of all waiting lines are due again. Raises PolicyUnknown
    for a policy that is out of use.
    """
    policies = {policy.pk: policy for policy in _locked_policies()}
    chosen = policies.get(policy_id)
    if chosen is None or not chosen.active:
        raise PolicyUnknown("This policy is inactive. Activate it first.")
    if chosen.is_default:
        return chosen
    AllocationPolicy.objects.filter(is_default=True).update(is_default=False)
    chosen.is_default = True
    chosen.save(update_fields=["is_default"])
    follow_default_policy()
    return chosen


def follow_default_policy() -> None:
    """The order of the queues is another one now: the dates of all waiting lines are due again."""
    mark_queues_changed(OrderLine.objects.open().order_by().values_list("product_id", flat=True).distinct())


def checked(raw: Mapping[str, Any], *, code: str) -> PolicyDefinition:
    """The definition, if a run of the policy `code` could use it.

    Raises PolicyRefused with a place and a reason for each thing that is wrong: words that no run understands, codes
    that nobody has, a fallback that is not there or leads back here.
    """
    try:
        definition = parse_definition(raw)
    except InvalidPolicy as invalid:
        raise PolicyRefused("The policy is not valid.", invalid.problems) from None
    problems = [*_unknown_codes(definition), *_bad_fallback(definition, code)]
    if problems:
        raise PolicyRefused("The policy is not valid.", problems)
    return definition


def _unknown_codes(definition: PolicyDefinition) -> Iterator[Problem]:
    known = known_codes(definition)
    missing = {field: codes - set(known.get(field, {})) for field, codes in named_codes(definition).items()}
    for place, segment in enumerate(definition.all_segments):
        where = f"segments.{place}" if place < len(definition.segments) else "rest"
        for number, test in enumerate(segment.filters):
            for value in test.values:
                if str(value).lower() in missing.get(test.field, set()):
                    yield Problem(f"{where}.filters.{number}.values", f"there is no {NOUNS[test.field]} “{value}”")
        for number, key in enumerate(segment.keys):
            for tier in key.order:
                if tier.lower() in missing[FilterField.TIER]:
                    yield Problem(f"{where}.keys.{number}.order", f"there is no tier “{tier}”")


def _bad_fallback(definition: PolicyDefinition, code: str) -> Iterator[Problem]:
    if not definition.fallback:
        return
    fallbacks = {
        version.policy.code.lower(): version.parsed.fallback.lower()
        for version in PolicyVersion.objects.filter(policy__active=True).select_related("policy").current()
    }
    step, seen = definition.fallback.lower(), {code.lower()}
    if step not in fallbacks and step not in seen:
        yield Problem("fallback", f"there is no policy “{definition.fallback}” in use")
        return
    while step and step not in seen:
        seen.add(step)
        step = fallbacks.get(step, "")
    if step:
        yield Problem("fallback", "a policy cannot be its own fallback, directly or through others")


def _locked_policies() -> list[AllocationPolicy]:
    return list(AllocationPolicy.objects.select_for_update(no_key=True).order_by("pk"))


def _add_version(
    policy: AllocationPolicy, number: int, definition: PolicyDefinition, *, comment: str, by: User | None, now: datetime
) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        policy=policy, number=number, definition=as_json(definition), comment=comment, made_by=by, made_at=now
    )
    snapshot_of(version)  # what no run could use would stop the desk: better here than at night
    return version


def catches(definition: PolicyDefinition, *, now: datetime) -> list[Catch]:
    """How many open lines each segment would catch at this moment, the rest last."""
    return segment_catches(definition, ids=known_codes(definition), now=now, today=timezone.localdate(now))
