"""The queues of a shard as columns: read at once, ranked and shared at once, without a Python object per line.

Quotas and other warehouses go pool by pool, see `serving.decide`, and so does a shard in which a guarantee cannot be
met; both ways give the same, and a test compares them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from backorders.engine.columns import (
    LOSE,
    MISSING,
    REASONS,
    SKIP,
    STRATEGIES,
    PoolLines,
    Story,
    allocate_columns,
    explain_columns,
    rank_columns,
)
from backorders.engine.explanation import Reason
from backorders.engine.policy import Definition, FilterField
from backorders.engine.segment_columns import (
    Words,
    catch_columns,
    column_segments,
    rank_segment_columns,
    words_of_policies,
)
from backorders.engine.share_columns import explain_share_columns, share_columns
from backorders.enums import PromiseSource
from backorders.services.queues import SECONDS_PER_DAY, QueueLine, business_date
from backorders.services.rules import Rules
from config.lib.bulk import any_of
from config.lib.columns import EPOCH, Array, days_of, read_columns
from inventory.models import Product, StockLevel

SOURCES = tuple(PromiseSource.values)
_LOCK = """
    SELECT id FROM backorders_orderline WHERE is_open AND product_id = ANY(%(products)s)
        AND (%(warehouse)s::bigint IS NULL OR warehouse_id = %(warehouse)s)
    ORDER BY id FOR NO KEY UPDATE
"""
# Numbers only, and nothing null: prices in ten-thousandths, days since 2000, sources by their place. OFFSET 0 makes the
# server look the few orders and allocations of a shard up instead of reading all there are.
_READ = """
    SELECT line.id, line.order_id, line.product_id, line.warehouse_id,
        (line.ordered - line.shipped - line.cancelled)::bigint AS open, line.allocated::bigint, line.shipped::bigint,
        (line.unit_price * 10000)::bigint AS price,
        COALESCE(line.requested_on - DATE '2000-01-01', %(missing)s)::bigint AS requested_on,
        EXTRACT(EPOCH FROM line.placed_at)::float8 AS placed_at, line.times_slipped::bigint, line.manual_boost::bigint,
        (line.backordered_at IS NOT NULL)::int::bigint AS is_backorder,
        COALESCE(line.promised_on - DATE '2000-01-01', %(missing)s)::bigint AS promised_on,
        COALESCE(line.p50_on - DATE '2000-01-01', %(missing)s)::bigint AS p50_on,
        array_position(%(sources)s::text[], line.promise_source::text)::bigint - 1 AS promise_source,
        COALESCE(line.held_until - DATE '2000-01-01', %(missing)s)::bigint AS held_until,
        tier.rank::bigint AS tier_rank,
        COALESCE(held.id, 0) AS soft_id, COALESCE(held.quantity, 0)::bigint AS soft,
        (customer.email <> '')::int::bigint AS has_address {traits}
    FROM backorders_orderline line
    CROSS JOIN LATERAL (
        SELECT customer_id, channel, ship_complete FROM backorders_salesorder WHERE id = line.order_id OFFSET 0
    ) AS sales
    JOIN customers_customer customer ON customer.id = sales.customer_id
    JOIN customers_customertier tier ON tier.id = customer.tier_id
    JOIN inventory_product product ON product.id = line.product_id
    LEFT JOIN LATERAL (
        SELECT id, quantity FROM backorders_allocation
        WHERE line_id = line.id AND state = 'active' AND kind = 'soft' AND NOT is_away OFFSET 0
    ) AS held ON true
    WHERE line.is_open AND line.product_id = ANY(%(products)s)
        AND (%(warehouse)s::bigint IS NULL OR line.warehouse_id = %(warehouse)s)
"""
# What only filters ask for; texts by their place among the words of the policies.
_TRAITS = """
        , sales.customer_id, COALESCE(product.category_id, %(missing)s)::bigint AS category_id,
        COALESCE(array_position(%(country)s::text[], customer.country::text), 0)::bigint AS country,
        COALESCE(array_position(%(channel)s::text[], sales.channel::text), 0)::bigint AS channel,
        COALESCE(array_position(%(reason)s::text[], line.reason::text), 0)::bigint AS reason,
        sales.ship_complete::int::bigint AS ship_complete, {told}::int::bigint AS is_told
"""
_TOLD = "EXISTS (SELECT FROM backorders_promise WHERE line_id = line.id AND message_key <> '')"
_TRAIT_NUMBERS = ("customer_id", "category_id", "country", "channel", "reason", "ship_complete", "is_told")
_NUMBERS = (
    *("id", "order_id", "product_id", "warehouse_id", "open", "allocated", "shipped", "price", "requested_on"),
    *("times_slipped", "manual_boost", "is_backorder", "promised_on", "p50_on", "promise_source", "held_until"),
    *("tier_rank", "soft_id", "soft", "has_address"),
)
_FORMATS = dict.fromkeys(_NUMBERS, "i8") | {"placed_at": "f8"}


@dataclass(frozen=True, slots=True)
class Queues:
    """The open lines of a shard, column by column, and of each the place of its pool.

    `levels` are the pools' stock levels (0 where the product never lay in the warehouse), `free` the units there that
    nobody holds; `packs` is the pack size of each line's product. `words` are the texts that filters name.
    """

    columns: dict[str, Array]
    pool: Array
    levels: Array
    free: Array
    packs: Array
    words: Words

    @property
    def size(self) -> int:
        return len(self.pool)

    def of(self, places: Array) -> "Queues":
        """The lines at these places, in this order."""
        columns = {name: column[places] for name, column in self.columns.items()}
        return replace(self, columns=columns, pool=self.pool[places], packs=self.packs[places])

    def lines(self, places: Array) -> list[QueueLine]:
        """The lines at these places as the rest of the desk knows them."""
        few = [self.columns[name][places].tolist() for name in _FORMATS]
        return [_queue_line(*row) for row in zip(*few, strict=True)]


class Decided(NamedTuple):
    """The queues in the order of the policy, what each line holds after the run, and why.

    Lines that a person holds back, or of a class that is skipped, take no part: `story` is of those at the places
    `taking_part`. `failed` are guarantees that cannot be met: such a shard is decided pool by pool.
    """

    queues: Queues
    supply: Array
    given: Array
    taking_part: Array
    story: Story
    failed: bool


def read_queue_columns(
    product_ids: Collection[int], *policies: Rules, warehouse_id: int | None = None, lock: bool = True
) -> Queues:
    """The open lines of the products; with `lock` their rows, then their pools, are locked in primary-key order.

    They are read in a statement after the one that locks, as in `queues.read_queues`. What only filters ask for is read
    where one of the `policies` has some.
    """
    chosen = {"products": sorted(product_ids), "warehouse": warehouse_id}
    locked = read_columns(_LOCK, chosen, {"id": "i8"})["id"] if lock else None
    words = words_of_policies([rules.definition for rules in policies])
    columns = _read(chosen, words, {field for rules in policies for field in rules.reads})
    if locked is not None and len(locked) != len(columns["id"]):  # a line came in between
        known = np.isin(columns["id"], locked)
        columns = {name: column[known] for name, column in columns.items()}
    stock = StockLevel.objects.filter(any_of("product_id", product_ids))
    levels = {
        (product_id, warehouse): (pk, on_hand - reserved)
        for pk, product_id, warehouse, on_hand, reserved in (stock.locked() if lock else stock).values_list(
            "pk", "product_id", "warehouse_id", "on_hand", "reserved"
        )
    }
    pairs, pool = np.unique(
        np.stack([columns["product_id"], columns["warehouse_id"]], axis=1), axis=0, return_inverse=True
    )
    stocked = [levels.get((product_id, warehouse), (0, 0)) for product_id, warehouse in pairs.tolist()]
    sizes = dict(Product.objects.filter(any_of("pk", product_ids)).values_list("pk", "pack_size"))
    packs = np.array([sizes[product_id] for product_id in pairs[:, 0].tolist()], dtype=np.int64)
    pool = pool.reshape(-1)
    return Queues(
        columns,
        pool,
        np.array([pk for pk, _ in stocked], dtype=np.int64),
        np.array([units for _, units in stocked], dtype=np.int64),
        packs[pool],
        words,
    )


def _read(chosen: Mapping[str, Any], words: Words, reads: Collection[FilterField]) -> dict[str, Array]:
    told = _TOLD if FilterField.IS_TOLD in reads else "false"
    select = _READ.format(traits=_TRAITS.format(told=told) if reads else "")
    named = {field.value: list(texts) for field, texts in words.items()}
    parameters = {**chosen, **named, "missing": MISSING, "sources": list(SOURCES)}
    return read_columns(select, parameters, _FORMATS | (dict.fromkeys(_TRAIT_NUMBERS, "i8") if reads else {}))


def ranked_columns(queues: Queues, rules: Rules, *, now: datetime) -> Queues:
    """The lines in the order of the policy, pool by pool; their column `segment` says where in it each one stands."""
    columns = queues.columns
    waited = np.floor_divide(now.timestamp() - columns["placed_at"], SECONDS_PER_DAY).astype(np.int64)
    facts = columns | {
        "order_size": columns["open"],
        "line_value": columns["open"] * columns["price"],
        "days_waiting": waited,
    }
    boost = rules.definition.age_boost_days
    if len(rules.segments) == 1:
        caught = np.zeros(queues.size, dtype=np.int64)
        order = rank_columns(facts, rules.segments[0].keys, pool=queues.pool, age_boost_days=boost)
    else:
        facts |= _filtered(columns, today=days_of(business_date(now)))
        segments = column_segments(rules.definition, rules.segments, rules.ids, queues.words)
        caught = catch_columns(facts, segments)
        order = rank_segment_columns(facts, caught, segments, pool=queues.pool, age_boost_days=boost)
    return replace(queues, columns=columns | {"segment": caught}).of(order)


def _filtered(columns: Mapping[str, Array], *, today: int) -> dict[str, Array]:
    """The facts of filters that go by other names in the database."""
    requested = columns["requested_on"]
    return {
        "customer": columns["customer_id"],
        "category": columns["category_id"],
        "product": columns["product_id"],
        "warehouse": columns["warehouse_id"],
        "requested_in_days": np.where(requested == MISSING, MISSING, requested - today),
    }


def decide_columns(queues: Queues, rules: Rules, *, now: datetime) -> Decided:
    """What a policy gives the lines, as `serving.decide` would say."""
    queues = ranked_columns(queues, rules, now=now)
    classes = np.array([STRATEGIES.index(strategy) for strategy in rules.strategies])[queues.columns["segment"]]
    held_back = queues.columns["held_until"] > days_of(business_date(now))
    taking_part = np.flatnonzero(~held_back & (classes != SKIP))
    served = queues.of(taking_part)
    columns = served.columns
    fixed = columns["allocated"] - columns["soft"]
    supply = queues.free.copy()
    np.add.at(supply, served.pool, columns["soft"])
    released = np.isin(columns["id"], list(rules.released))
    lines = PoolLines(
        served.pool,
        np.where(released, LOSE, classes[taking_part]),
        columns["open"] - fixed,
        columns["soft"],
        served.packs,
        _minimum(columns["open"] - fixed, rules.definition),
        (columns["shipped"] > 0) | (fixed > 0),
    )
    decision = share_columns(supply, lines) if rules.fair else allocate_columns(supply, lines)
    story = (explain_share_columns if rules.fair else explain_columns)(supply, lines, decision)
    story.reason[released] = REASONS.index(Reason.ORDER_CANNOT_COMPLETE)
    given = queues.columns["soft"].copy()
    given[taking_part] = decision.given
    return Decided(queues, supply, given, taking_part, story, bool(decision.failed.any()))


def _minimum(open_units: Array, definition: Definition) -> Array:
    """As allocation.minimum_units says for one line."""
    wanted = np.maximum(definition.minimum_units, -(-open_units * definition.minimum_percent // 100))
    return np.minimum(open_units, wanted)


def _queue_line(*row: Any) -> QueueLine:
    read = dict(zip(_FORMATS, row, strict=True))
    return QueueLine(
        id=read["id"],
        order_id=read["order_id"],
        product_id=read["product_id"],
        warehouse_id=read["warehouse_id"],
        open=read["open"],
        allocated=read["allocated"],
        shipped=read["shipped"],
        unit_price=Decimal(read["price"]) / 10_000,
        requested_on=day_of(read["requested_on"]),
        placed_at=read["placed_at"],
        times_slipped=read["times_slipped"],
        manual_boost=read["manual_boost"],
        is_backorder=bool(read["is_backorder"]),
        p50_on=day_of(read["p50_on"]),
        promised_on=day_of(read["promised_on"]),
        promise_source=SOURCES[read["promise_source"]],
        held_until=day_of(read["held_until"]),
        tier_rank=read["tier_rank"],
        soft_id=read["soft_id"] or None,
        soft=read["soft"],
    )


def day_of(number: int) -> date | None:
    return None if number == MISSING else EPOCH + timedelta(days=number)
