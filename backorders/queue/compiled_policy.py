"""A policy as the engine takes it, made from the copy that a run keeps.

What a copy says is compiled once a process: services compile it where they begin and hand it down like `now`.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Lower

from backorders.engine.allocation.pool import Strategy
from backorders.engine.allocation.warehouses import Reach
from backorders.engine.policy.definition import ExceptionMode, FilterField, Method, PolicyDefinition
from backorders.engine.policy.quota_rules import QuotaRule
from backorders.engine.policy.reader import KNOWN_RULES, InvalidPolicy, parse_definition
from backorders.engine.policy.segments import RESOLVED, CompiledSegment, Ids, compile_segments
from backorders.enums import AllocationState
from backorders.errors import PolicyRefused
from backorders.models import Allocation, PolicyVersion, Quota
from customers.models import Customer, CustomerTier
from inventory.models import Category, Product, Warehouse

# Filter field → where its codes stand, and what a line carries of them.
CODES: Mapping[FilterField, tuple[QuerySet[Any], str, str]] = {
    FilterField.TIER: (CustomerTier.objects.all(), "code", "rank"),
    FilterField.CUSTOMER: (Customer.objects.all(), "code", "pk"),
    FilterField.CATEGORY: (Category.objects.all(), "name", "pk"),
    FilterField.PRODUCT: (Product.objects.all(), "sku", "pk"),
    FilterField.WAREHOUSE: (Warehouse.objects.all(), "code", "pk"),
}
NOTHING_PARKED: Mapping[int, date] = MappingProxyType({})


class CompiledPolicy(NamedTuple):
    """`strategies` says the class of each segment; `reads` which facts of a line the filters ask for."""

    code: str
    definition: PolicyDefinition
    segments: tuple[CompiledSegment, ...]
    strategies: tuple[Strategy, ...]
    fair: bool
    reads: frozenset[FilterField]
    reach: Reach
    looks_ahead: bool  # this policy, or the one that serves pools in its place, reckons with goods on their way
    lends: bool
    is_guarded: bool  # what it decides is weighed before it is written
    fallback: "CompiledPolicy | None" = None
    quotas: tuple[QuotaRule, ...] = ()
    ids: Ids = MappingProxyType({})  # whom the codes of its filters named when the run began
    preference: tuple[int, ...] = ()  # the warehouses that serve lines of others, the first one asked first
    released: frozenset[int] = frozenset()  # lines whose order cannot be complete in time: they give their stock away
    lending: bool = True
    parked: Mapping[int, date] = NOTHING_PARKED  # lines whose order is not complete before that day

    @classmethod
    def of(cls, snapshot: Mapping[str, Any]) -> "CompiledPolicy":
        """Raises PolicyRefused where the snapshot uses a word that this desk does not know."""
        words = {name: value for name, value in snapshot.items() if name != "quotas"}
        policy, quotas = _compiled(json.dumps(words, sort_keys=True)), snapshot.get("quotas")
        return policy.keeping(quotas) if quotas else policy

    @property
    def in_columns(self) -> bool:
        """Whether pools are decided many at once: not with quotas, other warehouses or goods on their way."""
        return not (self.quotas or self.looks_ahead) and self.reach == Reach.OWN

    def ranks_like(self, other: "CompiledPolicy") -> bool:
        boosts = self.definition.age_boost_days, other.definition.age_boost_days
        return self.segments == other.segments and boosts[0] == boosts[1]

    @property
    def chain(self) -> tuple["CompiledPolicy", ...]:
        """This policy, the one that serves pools in its place, and so on."""
        return (self, *(self.fallback.chain if self.fallback else ()))

    def keeping(self, quotas: Sequence[Mapping[str, Any]]) -> "CompiledPolicy":
        rules = tuple(QuotaRule.of(raw) for raw in quotas)
        return self._replace(quotas=rules, reads=self.reads | {FilterField.CUSTOMER}) if rules else self

    def protecting_holders(self) -> "CompiledPolicy":
        """For a newcomer: everybody keeps what they hold, and only free units are given, in the order of the queue."""
        return self._replace(strategies=tuple(PROTECTED[each] for each in self.strategies), fair=False)

    def lending_nothing(self) -> "CompiledPolicy":
        """To see what lies parked before anything of it is lent."""
        return self._replace(lending=False, fallback=self.fallback.lending_nothing() if self.fallback else None)

    def without_guarantees(self) -> "CompiledPolicy":
        """For a pool that holds less than was confirmed, where no fallback is named: somebody must lose."""
        return self._replace(strategies=tuple(YIELDING.get(each, each) for each in self.strategies), fallback=None)


@lru_cache(maxsize=64)
def _compiled(words: str) -> CompiledPolicy:
    snapshot = json.loads(words)
    definition = definition_of(snapshot)
    fallback = CompiledPolicy.of(snapshot["fallback_policy"]) if snapshot.get("fallback_policy") else None
    strategies = tuple(segment.strategy for segment in definition.all_segments)
    limits = (definition.approval_threshold, definition.churn_budget)
    return CompiledPolicy(
        code=snapshot["code"],
        definition=definition,
        segments=compile_segments(definition, snapshot.get("ids", {})),
        strategies=strategies,
        fair=definition.method == Method.FAIR_SHARE,
        reads=definition.filter_fields | (fallback.reads if fallback else frozenset()),
        reach=definition.warehouses,
        looks_ahead=definition.looks_ahead or (fallback is not None and fallback.looks_ahead),
        lends=definition.borrow or (fallback is not None and fallback.lends),
        is_guarded=Strategy.WIN in strategies
        or definition.exceptions == ExceptionMode.STOP_ALL
        or any(limit is not None for limit in limits),
        fallback=fallback,
        ids=snapshot.get("ids", {}),
        preference=tuple(snapshot.get("preference", ())),
    )


PROTECTED: Mapping[Strategy, Strategy] = {
    Strategy.WIN: Strategy.IMPROVE,
    Strategy.GAIN: Strategy.IMPROVE,
    Strategy.IMPROVE: Strategy.IMPROVE,
    Strategy.REDISTRIBUTE: Strategy.IMPROVE,
    Strategy.FILL: Strategy.FILL,
    Strategy.LOSE: Strategy.FILL,
    Strategy.SKIP: Strategy.SKIP,
}
YIELDING: Mapping[Strategy, Strategy] = {Strategy.WIN: Strategy.IMPROVE, Strategy.GAIN: Strategy.IMPROVE}


def default_version() -> PolicyVersion:
    return PolicyVersion.objects.filter(policy__is_default=True).select_related("policy").current().get()


def default_policy() -> CompiledPolicy:
    return CompiledPolicy.of(snapshot_of(default_version()))


def serving_policy(*, today: date) -> CompiledPolicy:
    """The default policy with the quotas that keep stock today: for whoever gives units and not only ranks."""
    return CompiledPolicy.of(snapshot_of(default_version(), quotas=quota_rules(today=today)))


def definition_of(snapshot: Mapping[str, Any]) -> PolicyDefinition:
    """What the run's copy of its policy says. Raises PolicyRefused."""
    said = {name: snapshot[name] for name in sorted(KNOWN_RULES & snapshot.keys())}
    try:
        return _read(json.dumps(said))
    except InvalidPolicy as invalid:
        message = f"The policy “{snapshot.get('code')}” is not valid: {invalid}."
        raise PolicyRefused(message, invalid.problems) from None


@lru_cache(maxsize=64)
def _read(said: str) -> PolicyDefinition:
    return parse_definition(json.loads(said))


def snapshot_of(
    version: PolicyVersion, *, quotas: Sequence[Mapping[str, Any]] = (), seen: Collection[int] = ()
) -> dict[str, Any]:
    """What a run must remember to say later how it decided: the words, whom they named, and the fallback policy's.

    Raises PolicyRefused where the fallback leads back to a policy before it.
    """
    if version.policy_id in seen:
        raise PolicyRefused(f"The fallback of “{version.policy.code}” leads back to the same policy.")
    definition = definition_of({"code": version.policy.code, **version.definition})
    fallback = current_version(definition.fallback) if definition.fallback else None
    return {
        **version.definition,
        "code": version.policy.code,
        "name": version.policy.name,
        "version": version.number,
        "ids": known_codes(definition),
        "quotas": list(quotas),
        "preference": [] if definition.warehouses == Reach.OWN else warehouse_preference(),
        "fallback_policy": snapshot_of(fallback, seen=[*seen, version.policy_id]) if fallback else None,
    }


def warehouse_preference() -> list[int]:
    return list(Warehouse.objects.order_by("preference", "pk").values_list("pk", flat=True))


def current_version(code: str) -> PolicyVersion | None:
    versions = PolicyVersion.objects.filter(policy__active=True, policy__code__iexact=code)
    return versions.select_related("policy").current().first()


def known_codes(definition: PolicyDefinition) -> dict[str, dict[str, int]]:
    """Whom the codes of the filters name at this moment, lowered, by field."""
    return {
        field.value: dict(_resolved(field, sorted(codes))) for field, codes in named_codes(definition).items() if codes
    }


def named_codes(definition: PolicyDefinition) -> dict[FilterField, set[str]]:
    """The codes that filters and custom orders name, lowered."""
    named: dict[FilterField, set[str]] = {field: set() for field in RESOLVED}
    for segment in (*definition.segments, definition.rest):
        for test in segment.filters:
            if test.field in named:
                named[test.field] |= {str(value).lower() for value in test.values}
        for key in segment.keys:
            named[FilterField.TIER] |= {code.lower() for code in key.order}
    return named


def _resolved(field: FilterField, lowered: Sequence[str]) -> Iterator[tuple[str, int]]:
    rows, column, value = CODES[field]
    matches = rows.alias(lowered=Lower(column)).filter(lowered__in=lowered).values_list(column, value)
    return ((code.lower(), key) for code, key in matches)


def quota_rules(*, today: date | None = None) -> list[dict[str, Any]]:
    """The quotas as a run remembers them, with the units that their groups had of each pool since they began."""
    rows = Quota.objects.keeping(today=today) if today else Quota.objects.unended()
    return [
        {
            "id": quota.pk,
            "told": str(quota),
            "product": quota.product_id,
            "category": quota.category_id,
            "tier_rank": quota.tier.rank if quota.tier else None,
            "customer": quota.customer_id,
            "channel": quota.channel,
            "units": quota.units,
            "percent": quota.percent,
            "starts_on": quota.starts_on.isoformat(),
            "ends_on": quota.ends_on.isoformat(),
            "release_on": quota.release_on.isoformat(),
            "used": _used(quota) if quota.units else {},
        }
        for quota in rows.select_related("tier", "customer", "product", "category").order_by("pk")
    ]


def _used(quota: Quota) -> dict[str, int]:
    """Units that left for the group since the quota began, by pool."""
    left = Allocation.objects.filter(state=AllocationState.SHIPPED, ended_at__date__gte=quota.starts_on)
    left = left.filter(_group(quota))
    if quota.product_id:
        left = left.filter(product_id=quota.product_id)
    elif quota.category_id:
        left = left.filter(product__category_id=quota.category_id)
    rows = left.order_by().values_list("product_id", "line__warehouse_id").annotate(units=Sum("quantity"))
    return {f"{product_id}:{warehouse_id}": units for product_id, warehouse_id, units in rows}


def _group(quota: Quota) -> Q:
    if quota.tier_id:
        return Q(line__order__customer__tier_id=quota.tier_id)
    if quota.customer_id:
        return Q(line__order__customer_id=quota.customer_id)
    return Q(line__order__channel=quota.channel)
