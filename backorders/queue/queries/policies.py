"""The policies with what they say now, and what changed from version to version."""

from typing import NamedTuple

from backorders.engine.policy.reader import InvalidPolicy
from backorders.engine.policy.words import limits_in_words, policy_in_words, segment_in_words
from backorders.models import AllocationPolicy, PolicyVersion


class PolicyRow(NamedTuple):
    policy: AllocationPolicy
    version: PolicyVersion
    words: str
    leaning: list[str]  # the policies that fall back on it


class Changes(NamedTuple):
    gone: list[str]
    new: list[str]


def policy_list() -> list[PolicyRow]:
    """The default first, then those in use; two queries."""
    versions = {version.policy_id: version for version in PolicyVersion.objects.current()}
    policies = list(AllocationPolicy.objects.order_by("-is_default", "-active", "pk"))
    fallbacks = {policy.name: versions[policy.pk].parsed.fallback.lower() for policy in policies if policy.active}
    return [
        PolicyRow(
            policy,
            versions[policy.pk],
            policy_in_words(versions[policy.pk].parsed),
            [name for name, code in fallbacks.items() if code == policy.code.lower()],
        )
        for policy in policies
    ]


def changes_between(before: PolicyVersion | None, after: PolicyVersion) -> Changes:
    """The sentences that a version took away and added."""
    old, new = _sentences(before) if before else [], _sentences(after)
    return Changes([rule for rule in old if rule not in new], [rule for rule in new if rule not in old])


def _sentences(version: PolicyVersion) -> list[str]:
    try:
        definition = version.parsed
    except InvalidPolicy as invalid:
        return [f"This version cannot be read: {invalid}."]
    if not definition.segments:
        return [policy_in_words(definition)]
    named = [
        f"{place}. {segment.name or 'Rest'}: {segment_in_words(segment, is_rest=segment is definition.rest)}"
        for place, segment in enumerate(definition.all_segments, start=1)
    ]
    return [*named, *limits_in_words(definition)]
