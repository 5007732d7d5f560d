"""The open lines of some products as columns: locked and read at once, then what belongs to them, table by table.

Orders, customers and allocations are looked up by their keys in arrays, not joined: a join looks each of them up line
by line, which costs more than all the rest of the reading.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import repeat

import numpy as np

from backorders.engine.columns.pools import MISSING
from backorders.engine.columns.segments import Words, words_of_policies
from backorders.engine.policy.definition import FilterField
from backorders.enums import PromiseSource
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import HeldElsewhere, PoolKey, QueueLine
from config.lib.bulk import any_of, array_of
from config.lib.columns import EPOCH, Array, read_columns
from inventory.models import Product, StockLevel

SOURCES = tuple(PromiseSource.values)
# Numbers only, and nothing null, since arrays know neither texts nor nulls: prices in ten-thousandths, days since 2000,
# sources by their place.
_LINES = """
    SELECT line.id, line.order_id, line.product_id, line.warehouse_id,
        (line.ordered - line.shipped - line.cancelled)::bigint AS open, line.allocated::bigint, line.shipped::bigint,
        (line.unit_price * 10000)::bigint AS price,
        COALESCE(line.requested_on - DATE '2000-01-01', %(missing)s)::bigint AS requested_on,
        EXTRACT(EPOCH FROM line.placed_at)::float8 AS placed_at, line.times_slipped::bigint, line.manual_boost::bigint,
        (line.backordered_at IS NOT NULL)::int::bigint AS is_backorder,
        COALESCE(line.promised_on - DATE '2000-01-01', %(missing)s)::bigint AS promised_on,
        COALESCE(line.p50_on - DATE '2000-01-01', %(missing)s)::bigint AS p50_on,
        array_position(%(sources)s::text[], line.promise_source::text)::bigint - 1 AS promise_source,
        COALESCE(line.held_until - DATE '2000-01-01', %(missing)s)::bigint AS held_until {more}
    FROM backorders_orderline line {join}
    WHERE line.is_open AND line.product_id = ANY(%(products)s::bigint[])
        AND (%(warehouse)s::bigint IS NULL OR line.warehouse_id = %(warehouse)s)
    {lock}
"""
# In the order of their keys, so that two runs cannot wait for each other. Foreign keys may point at the rows meanwhile.
_LOCKED = "ORDER BY line.id FOR NO KEY UPDATE OF line"
# What lines hold changes with their rows. A statement that waited for a lock sees the locked row as it is now, but what
# is joined to it as it was before: it is read after the rows are locked, or, without locks, with them in one statement.
_HELD = """
    SELECT line_id, id AS soft_id, quantity::bigint AS soft FROM backorders_allocation
    WHERE line_id = ANY(%(lines)s::bigint[]) AND state = 'active' AND kind = 'soft' AND NOT is_away
"""
_HELD_NOW = ", COALESCE(held.id, 0) AS soft_id, COALESCE(held.quantity, 0)::bigint AS soft"
# OFFSET 0 keeps the planner from turning the look-up into a join over the whole ledger.
_HOLDING_NOW = """
    LEFT JOIN LATERAL (
        SELECT id, quantity FROM backorders_allocation
        WHERE line.allocated > 0 AND line_id = line.id AND state = 'active' AND kind = 'soft' AND NOT is_away OFFSET 0
    ) AS held ON true
"""
_ORDERS = """
    SELECT id, customer_id, ship_complete::int::bigint,
        COALESCE(array_position(%(channel)s::text[], channel::text), 0)::bigint AS channel
    FROM backorders_salesorder WHERE id = ANY(%(orders)s::bigint[])
"""
_CUSTOMERS = """
    SELECT customer.id, tier.rank::bigint AS tier_rank, (customer.email <> '')::int::bigint AS has_address,
        COALESCE(array_position(%(country)s::text[], customer.country::text), 0)::bigint AS country
    FROM customers_customer customer JOIN customers_customertier tier ON tier.id = customer.tier_id
    WHERE customer.id = ANY(%(customers)s::bigint[])
"""
# What only filters ask for, and is not read without one. A text is the place of its word among those that the policies
# name; 0 is any other text, since no filter can tell those apart.
_REASON = ", COALESCE(array_position(%(reason)s::text[], line.reason::text), 0)::bigint AS reason"
_TOLD = """
    SELECT DISTINCT promise.line_id FROM backorders_promise promise
        JOIN notifications_message message ON message.dedupe_key = promise.message_key
        LEFT JOIN notifications_message digest ON digest.id = message.digest_id
    WHERE promise.line_id = ANY(%(lines)s::bigint[]) AND promise.message_key <> ''
        AND COALESCE(message.first_sent_at, digest.first_sent_at) IS NOT NULL
"""
_NUMBERS = (
    *("id", "order_id", "product_id", "warehouse_id", "open", "allocated", "shipped", "price", "requested_on"),
    *("times_slipped", "manual_boost", "is_backorder", "promised_on", "p50_on", "promise_source", "held_until"),
)
_FORMATS = dict.fromkeys(_NUMBERS, "i8") | {"placed_at": "f8"}
_PARTS = (*_FORMATS, "tier_rank", "soft_id", "soft", "away")
_TRAITS = ("customer_id", "country", "channel", "category_id", "reason", "ship_complete", "is_told")
_DAYS = ("requested_on", "p50_on", "promised_on", "held_until")
_FLAGS = {"is_backorder", "ship_complete", "is_told"}


@dataclass(frozen=True, slots=True)
class Queues:
    """The open lines of a shard, column by column, and of each the place of its pool.

    `levels` are the pools' stock levels (0 where the product never lay in the warehouse), `free` the units there that
    nobody holds; `packs` is the pack size of each line's product. `words` are the texts that filters name. `stock` are
    all pools of the products with their units that nobody holds, `elsewhere` what lines hold in other ones than theirs.
    """

    columns: dict[str, Array]
    pool: Array
    levels: Array
    free: Array
    packs: Array
    words: Words
    stock: Mapping[PoolKey, tuple[int, int]]
    elsewhere: Mapping[int, tuple[HeldElsewhere, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.pool)

    def of(self, places: Array) -> "Queues":
        """The lines at these places, in this order."""
        columns = {name: column[places] for name, column in self.columns.items()}
        return replace(self, columns=columns, pool=self.pool[places], packs=self.packs[places])

    def holding(self, elsewhere: Mapping[int, tuple[HeldElsewhere, ...]]) -> "Queues":
        """The same lines with what they hold in other warehouses."""
        if not elsewhere:
            return self
        units = {line_id: sum(part.units for part in parts) for line_id, parts in elsewhere.items()}
        away = np.array([units.get(line_id, 0) for line_id in self.columns["id"].tolist()], dtype=np.int64)
        return replace(self, columns=self.columns | {"away": away}, elsewhere=elsewhere)

    def lines(self, places: Array) -> list[QueueLine]:
        """The lines at these places as the rest of the desk knows them."""
        few = {name: self.columns[name][places].tolist() for name in (*_PARTS, *_TRAITS) if name in self.columns}
        # Column by column, since a line is made of two dozen values: each is turned into what it is, many at a time.
        for text in self.words.keys() & few.keys():
            few[text] = [("", *self.words[text])[place] for place in few[text]]
        for name in _DAYS:
            few[name] = list(map(day_of, few[name]))
        for name in _FLAGS & few.keys():
            few[name] = list(map(bool, few[name]))
        few["unit_price"] = [Decimal(price) / 10_000 for price in few.pop("price")]
        few["promise_source"] = [SOURCES[place] for place in few["promise_source"]]
        few["soft_id"] = [allocation_id or None for allocation_id in few["soft_id"]]
        if "category_id" in few:
            few["category_id"] = [None if pk == MISSING else pk for pk in few["category_id"]]
        few["elsewhere"] = [self.elsewhere.get(line_id, ()) for line_id in few["id"]]
        missing = QueueLine._field_defaults
        fields = (few[name] if name in few else repeat(missing[name]) for name in QueueLine._fields)
        return list(map(QueueLine._make, zip(*fields, strict=False)))

    def by_pool(self) -> dict[PoolKey, list[QueueLine]]:
        """All lines, for an engine that goes pool by pool."""
        queues: dict[PoolKey, list[QueueLine]] = defaultdict(list)
        for line in self.lines(np.arange(self.size)):
            queues[line.product_id, line.warehouse_id].append(line)
        return dict(queues)

    def free_by_pool(self) -> dict[PoolKey, int]:
        """Of all pools of the products, those without a queue too."""
        return {pool: free for pool, (_, free) in self.stock.items()}

    def packs_by_product(self) -> dict[int, int]:
        return dict(zip(self.columns["product_id"].tolist(), self.packs.tolist(), strict=True))


def read_queue_columns(
    product_ids: Collection[int], *policies: CompiledPolicy, warehouse_id: int | None = None, lock: bool = True
) -> Queues:
    """The open lines of the products; with `lock` their rows, then their pools, are locked in primary-key order.

    What only filters ask for is read where one of the `policies` has some.
    """
    reads = {field for policy in policies for field in policy.reads}
    words = _words(policies) if reads else {}
    # Lines are locked first, and pools last: whoever does it the other way round would wait for us, and we for them.
    columns = _lines(product_ids, words, reads, warehouse_id=warehouse_id, lock=lock)
    columns |= _customers(columns["order_id"], words, filtered=bool(reads))
    products = {
        pk: (pack, category)
        for pk, pack, category in Product.objects.filter(any_of("pk", product_ids)).values_list(
            "pk", "pack_size", "category_id"
        )
    }
    if reads:
        columns |= _traits(columns, products, reads)
    stock = StockLevel.objects.filter(any_of("product_id", product_ids))
    levels = {
        (product_id, warehouse): (pk, on_hand - reserved)
        for pk, product_id, warehouse, on_hand, reserved in (stock.locked() if lock else stock).values_list(
            "pk", "product_id", "warehouse_id", "on_hand", "reserved"
        )
    }
    # A product that never lay in the line's warehouse has no pool there: 0, with nothing in it.
    keys, pool = _pools(columns)
    stocked = [levels.get(key, (0, 0)) for key in keys]
    packs = np.array([products[product_id][0] for product_id, _ in keys], dtype=np.int64)
    return Queues(
        columns,
        pool,
        np.array([pk for pk, _ in stocked], dtype=np.int64),
        np.array([units for _, units in stocked], dtype=np.int64),
        packs[pool],
        words,
        levels,
    )


def _words(policies: Iterable[CompiledPolicy]) -> dict[FilterField, list[str]]:
    """The texts that the filters and quotas of these policies name, and of those that may serve in their place."""
    chain = [each for policy in policies for each in policy.chain]
    words = words_of_policies([policy.definition for policy in chain])
    words[FilterField.CHANNEL] += sorted({quota.channel for policy in chain for quota in policy.quotas})
    return words


def _lines(
    product_ids: Collection[int], words: Words, reads: Collection[FilterField], *, warehouse_id: int | None, lock: bool
) -> dict[str, Array]:
    """The lines and what they hold as one moment knows them: that of their locks, or that of the statement."""
    select = _LINES.format(
        more=(_REASON if reads else "") + ("" if lock else _HELD_NOW),
        join="" if lock else _HOLDING_NOW,
        lock=_LOCKED if lock else "",
    )
    formats = _FORMATS | ({"reason": "i8"} if reads else {}) | ({} if lock else {"soft_id": "i8", "soft": "i8"})
    columns = read_columns(
        select,
        {
            "products": array_of(sorted(product_ids)),
            "warehouse": warehouse_id,
            "missing": MISSING,
            "sources": list(SOURCES),
            "reason": list(words.get(FilterField.REASON, ())),
        },
        formats,
    )
    if lock:
        # Most waiting lines hold nothing: only the others are looked up in the ledger.
        holding = columns["id"][columns["allocated"] > 0]
        rows = read_columns(_HELD, {"lines": array_of(holding)}, dict.fromkeys(("line_id", "soft_id", "soft"), "i8"))
        places = np.searchsorted(columns["id"], rows.pop("line_id"))  # locked in the order of their keys
        for name, values in rows.items():
            columns[name] = np.zeros(len(columns["id"]), dtype=np.int64)
            columns[name][places] = values
    columns["away"] = np.zeros(len(columns["id"]), dtype=np.int64)
    return columns


def _customers(order_ids: Array, words: Words, *, filtered: bool) -> dict[str, Array]:
    """What is known of each line by its order and that order's customer."""
    # There are fewer orders than lines and fewer customers than orders: each is read once, then spread over its lines.
    keys, places = np.unique(order_ids, return_inverse=True)
    orders = read_columns(
        _ORDERS,
        {"orders": array_of(keys), "channel": list(words.get(FilterField.CHANNEL, ()))},
        dict.fromkeys(("id", "customer_id") + (("ship_complete", "channel") if filtered else ()), "i8"),
    )
    orders = _by_key(orders, places)
    keys, places = np.unique(orders["customer_id"], return_inverse=True)
    customers = read_columns(
        _CUSTOMERS,
        {"customers": array_of(keys), "country": list(words.get(FilterField.COUNTRY, ()))},
        dict.fromkeys(("id", "tier_rank", "has_address") + (("country",) if filtered else ()), "i8"),
    )
    customers = _by_key(customers, places)
    return customers | (orders if filtered else {})


def _by_key(rows: dict[str, Array], places: Array) -> dict[str, Array]:
    """The rows at these places among their keys; all keys were found, since foreign keys lead there."""
    order = np.argsort(rows.pop("id"))[places]
    return {name: column[order] for name, column in rows.items()}


def _pools(columns: Mapping[str, Array]) -> tuple[list[PoolKey], Array]:
    """The pools of the lines, by product and warehouse, and of each line the place of its pool."""
    # Product and warehouse make one number, which sorts and compares faster than a pair.
    products, of_product = np.unique(columns["product_id"], return_inverse=True)
    warehouses, of_warehouse = np.unique(columns["warehouse_id"], return_inverse=True)
    pairs, pool = np.unique(of_product * max(1, len(warehouses)) + of_warehouse, return_inverse=True)
    one, other = np.divmod(pairs, max(1, len(warehouses)))
    return list(zip(products[one].tolist(), warehouses[other].tolist(), strict=True)), pool


def _traits(
    columns: Mapping[str, Array], products: Mapping[int, tuple[int, int | None]], reads: Collection[FilterField]
) -> dict[str, Array]:
    """What only filters ask for and is not on the line, its order or its customer."""
    categories = [products[product_id][1] for product_id in columns["product_id"].tolist()]
    is_told = np.zeros(len(columns["id"]), dtype=bool)
    if FilterField.IS_TOLD in reads:
        rows = read_columns(_TOLD, {"lines": array_of(columns["id"])}, {"line_id": "i8"})
        is_told = np.isin(columns["id"], rows["line_id"])
    return {
        "category_id": np.array([MISSING if pk is None else pk for pk in categories], dtype=np.int64),
        "is_told": is_told.astype(np.int64),
    }


def day_of(number: int) -> date | None:
    return None if number == MISSING else EPOCH + timedelta(days=number)
