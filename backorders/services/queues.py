"""The queue of a pool: its open lines in the order of a policy, and what a policy gives them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, F, FilteredRelation, FloatField, Func, Q
from django.utils import timezone

from backorders.engine.allocation import PoolLine, PoolResult, Strategy, allocate_pool, fair_share
from backorders.engine.explanation import LineExplanation, explain_pool, explain_share
from backorders.engine.ranking import LineFacts, SortKey, rank_lines
from backorders.enums import AllocationKind, AllocationMethod, AllocationState
from backorders.models import AllocationPolicy, OrderLine
from config.lib.bulk import any_of

PoolKey = tuple[int, int]  # product, warehouse
SECONDS_PER_DAY = 86_400


class QueueLine(NamedTuple):
    """An open line as the queue sees it; `soft` (part of `allocated`) is what a run may take back."""

    id: int
    order_id: int
    product_id: int
    warehouse_id: int
    open: int
    allocated: int
    shipped: int
    unit_price: Decimal
    requested_on: date | None
    placed_at: float  # seconds since 1970: a million datetimes take a second to build
    times_slipped: int
    manual_boost: int
    is_backorder: bool
    promised_on: date | None
    promise_source: str
    tier_rank: int
    soft_id: int | None
    soft: int

    @property
    def fixed(self) -> int:
        """Pinned and hard units: counted, never touched."""
        return self.allocated - self.soft


_COLUMNS = (
    "id",
    "order_id",
    "product_id",
    "warehouse_id",
    "open_units",
    "allocated",
    "shipped",
    "unit_price",
    "requested_on",
    "placed",
    "times_slipped",
    "manual_boost",
    "is_backorder",
    "promised_on",
    "promise_source",
    "order__customer__tier__rank",
    "held__id",
    "held__quantity",
)


def read_queues(
    product_ids: Collection[int], *, warehouse_id: int | None = None, lock: bool = False
) -> dict[PoolKey, list[QueueLine]]:
    """The open lines of the products by pool, unordered; with `lock` their rows are locked in primary-key order.

    They are read in a statement after the one that locks: a statement that waited for a lock sees the locked row as it
    is now, but what is joined to it as it was before.
    """
    lines = OrderLine.objects.open().filter(product_id__in=product_ids)
    if warehouse_id is not None:
        lines = lines.filter(warehouse_id=warehouse_id)
    if lock:
        lines = OrderLine.objects.filter(any_of("pk", lines.locked().values_list("pk", flat=True)))
    rows = lines.annotate(
        open_units=F("ordered") - F("shipped") - F("cancelled"),
        placed=Func(F("placed_at"), template="EXTRACT(EPOCH FROM %(expressions)s)::float8", output_field=FloatField()),
        is_backorder=ExpressionWrapper(Q(backordered_at__isnull=False), output_field=BooleanField()),
        held=FilteredRelation(
            "allocations",
            condition=Q(allocations__state=AllocationState.ACTIVE, allocations__kind=AllocationKind.SOFT),
        ),
    ).values_list(*_COLUMNS)
    queues: dict[PoolKey, list[QueueLine]] = defaultdict(list)
    for row in rows:
        line = QueueLine._make((*row[:-1], row[-1] or 0))
        queues[line.product_id, line.warehouse_id].append(line)
    return queues


class Rules(NamedTuple):
    """A policy as the engine takes it, made from the copy that a run keeps."""

    keys: tuple[SortKey, ...]
    fair: bool
    age_boost_days: int
    strategy: Strategy = Strategy.REDISTRIBUTE

    @classmethod
    def of(cls, snapshot: Mapping[str, Any]) -> "Rules":
        keys = tuple(SortKey(key["field"], bool(key.get("descending"))) for key in snapshot["keys"])
        return cls(keys, snapshot["method"] == AllocationMethod.FAIR_SHARE, int(snapshot["age_boost_days"]))

    def protecting_holders(self) -> "Rules":
        """For a newcomer: everybody keeps what they hold, and only free units are given, in the order of the queue."""
        return self._replace(strategy=Strategy.IMPROVE, fair=False)


def default_rules() -> Rules:
    return Rules.of(AllocationPolicy.objects.get(is_default=True).snapshot())


def ranked(queue: Sequence[QueueLine], rules: Rules, *, now: datetime) -> list[QueueLine]:
    """The queue in the total order of the policy."""
    moment = now.timestamp()
    facts = [
        LineFacts(
            line.id,
            line.open,
            line.tier_rank,
            line.placed_at,
            line.requested_on,
            line.open * line.unit_price,
            int((moment - line.placed_at) // SECONDS_PER_DAY),
            line.times_slipped,
            line.manual_boost,
        )
        for line in queue
    ]
    by_id: dict[int | str, QueueLine] = {line.id: line for line in queue}
    return [by_id[fact.id] for fact in rank_lines(facts, rules.keys, age_boost_days=rules.age_boost_days)]


class PoolPlan(NamedTuple):
    """What a policy gives the lines of one pool out of `supply` units."""

    supply: int
    result: PoolResult
    explanations: list[LineExplanation]


def plan_pool(queue: Iterable[QueueLine], rules: Rules, *, supply: int, packs: Mapping[int, int]) -> PoolPlan:
    """Run the engine on a ranked queue; `packs` says the pack size of each product."""
    lines = [
        PoolLine(
            line.id,
            rules.strategy,
            line.open - line.fixed,
            line.soft,
            packs.get(line.product_id, 1),
            0,
            line.shipped > 0 or line.fixed > 0,
        )
        for line in queue
    ]
    if rules.fair:
        result = fair_share(supply, lines)
        return PoolPlan(supply, result, explain_share(supply, lines, result))
    result = allocate_pool(supply, lines)
    return PoolPlan(supply, result, explain_pool(supply, lines, result))


def business_date(now: datetime) -> date:
    """The local day of the business, by the installation's time zone."""
    return timezone.localdate(now)
