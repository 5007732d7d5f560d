"""Some orders of a file on their way to the intake, and back from it line by line."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from backorders.enums import LineStatus
from backorders.orders.intake import NewLine, NewOrder, place_orders
from backorders.orders.queries.known_orders import known_lines
from config.lib.csv.cells import price_text
from config.lib.csv.importing import Document, Job
from config.lib.csv.rows import Row
from config.lib.outcomes import IMPORTED, UNCHANGED, Outcome, rejected
from config.lib.upserts import by_code
from customers.models import Customer
from inventory.models import Product, Warehouse

LONGEST_LINE_KEY = 100
OPEN, SHIPPED, CANCELLED = "open", LineStatus.SHIPPED.value, LineStatus.CANCELLED.value
OF_THE_ORDER = ("customer", "currency", "warehouse", "channel", "ship_complete")
SAME_IN_ALL_ROWS = ("customer", "currency", "warehouse")


@dataclass
class OrderBatch:
    """Orders with what is known of the codes that they name; `place` says what became of each row, by its line."""

    documents: Sequence[Document]
    job: Job
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = [row.values for document in self.documents for row in document]
        self.products = self._named("sku", rows, Product.objects.only("pk", "sku", "price"))
        self.customers = self._named("customer", rows, Customer.objects.only("pk", "code"))
        self.warehouses = self._named("warehouse", rows, Warehouse.objects.all())
        self.known: Mapping[str, Mapping[str, int]] = {}
        if self.job.mapping.line_from:
            numbers = {document[0].values["order_number"] for document in self.documents}
            self.known = known_lines(source=self.job.source, numbers=numbers)

    def _named(self, name: str, rows: Iterable[Mapping[str, Any]], queryset: QuerySet[Any]) -> dict[str, Any]:
        """What the codes in the column `name` stand for, in lower case; remembered from batch to batch."""
        remembered = self.job.memory.setdefault(name, {})
        codes = {values[name].lower() for values in rows if name in values} - remembered.keys()
        if codes:
            remembered |= by_code(queryset, "sku" if name == "sku" else "code", codes)
        return remembered

    def place(self) -> dict[int, Outcome]:
        orders, rows_of = [], []
        for document in self.documents:
            keys = self._line_keys(document)
            good = [(key, row) for key, row in zip(keys, document, strict=True) if self._codes_known(row)]
            head = _head(row for _, row in good)
            if rows := self._agreeing(good, head, self._changed_products(document, keys)):
                orders.append(self._order(head, rows))
                rows_of.append(rows)
        placed = place_orders(
            orders=orders, by=self.job.by, now=self.job.now, acknowledge=self.job.mapping.acknowledge, extend=True
        )
        for rows, outcome in zip(rows_of, placed, strict=True):
            for key, row in rows.items():
                problem = outcome.conflicts.get(key) or outcome.refused.get(key)
                answer = rejected(problem) if problem else IMPORTED if key in outcome.added else UNCHANGED
                self.outcomes[row.line] = answer
        return self.outcomes

    def _line_keys(self, document: Document) -> list[str]:
        """The keys of the lines in their source. Without line numbers: the content, and how often it came before."""
        fields = self.job.mapping.line_from
        if not fields:
            return [row.values["line"] for row in document]
        seen: Counter[str] = Counter()
        keys = []
        for row in document:
            content = "|".join([_part(row.values.get(name)) for name in fields])
            if len(content) > LONGEST_LINE_KEY - 8:
                content = hashlib.sha256(content.encode()).hexdigest()
            seen[content] += 1
            keys.append(f"{content}|{seen[content]}")
        return keys

    def _codes_known(self, row: Row) -> bool:
        values = row.values
        if values["customer"].lower() not in self.customers:
            self.outcomes[row.line] = rejected(f"The customer {values['customer']} is not known.")
        elif values["sku"].lower() not in self.products:
            self.outcomes[row.line] = rejected(f"The SKU {values['sku']} is not known.")
        elif "warehouse" in values and values["warehouse"].lower() not in self.warehouses:
            self.outcomes[row.line] = rejected(f"The warehouse {values['warehouse']} is not known.")
        else:
            return True
        return False

    def _changed_products(self, document: Document, keys: Iterable[str]) -> set[int]:
        """Products of which the known order has a line that the file lacks: new lines of them are no addition."""
        known = self.known.get(document[0].values["order_number"].lower())
        return {known[key] for key in known.keys() - set(keys)} if known else set()

    def _agreeing(self, good: Sequence[tuple[str, Row]], head: Mapping[str, Any], changed: set[int]) -> dict[str, Row]:
        """The rows that make the order, by their external line; the others are told why."""
        rows: dict[str, Row] = {}
        for key, row in good:
            values, first = row.values, rows.get(key)
            if first is not None and first.values == values:
                self.outcomes[row.line] = UNCHANGED
            elif first is not None:
                problem = f"Line {key} of this order is already in line {first.line} with different content."
                self.outcomes[row.line] = rejected(problem)
            elif problem := _disagreement(values, head):
                self.outcomes[row.line] = rejected(problem)
            elif changed and self._is_change(values, key, changed):
                problem = f"Order {values['order_number']} is known with another quantity or price for {values['sku']}."
                self.outcomes[row.line] = rejected(problem)
            else:
                rows[key] = row
        return rows

    def _is_change(self, values: Mapping[str, Any], key: str, changed: set[int]) -> bool:
        known = self.known[values["order_number"].lower()]
        return key not in known and self.products[values["sku"].lower()].pk in changed

    def _order(self, head: Mapping[str, Any], rows: Mapping[str, Row]) -> NewOrder:
        return NewOrder(
            source=self.job.source,
            external_number=head["order_number"],
            customer_id=self.customers[head["customer"].lower()].pk,
            lines=tuple(self._line(key, row.values) for key, row in rows.items()),
            placed_at=min(row.values["ordered_at"] for row in rows.values()),
            channel=head.get("channel", self.job.source),
            currency=head.get("currency"),
            ship_complete=head.get("ship_complete"),
            warehouse_id=self.warehouses[head["warehouse"].lower()].pk if "warehouse" in head else None,
            accepted=True,
        )

    def _line(self, key: str, values: dict[str, Any]) -> NewLine:
        product = self.products[values["sku"].lower()]
        status, ordered = values.get("status", OPEN), values["quantity"]
        values["list_price"] = product.price
        return NewLine(
            product_id=product.pk,
            quantity=ordered,
            unit_price=values.get("unit_price"),
            requested_on=values.get("requested_on"),
            latest_on=values.get("latest_on"),
            external_line=key,
            shipped=ordered if status == SHIPPED else 0,
            cancelled=ordered if status == CANCELLED else 0,
        )


def _head(rows: Iterable[Row]) -> dict[str, Any]:
    """What the rows say of their order: of each field, what the first row that fills it says."""
    head: dict[str, Any] = {}
    for row in rows:
        head.setdefault("order_number", row.values["order_number"])
        for name in OF_THE_ORDER:
            if name in row.values and name not in head:
                head[name], head[f"{name} line"] = row.values[name], row.line
    return head


def _disagreement(values: Mapping[str, Any], head: Mapping[str, Any]) -> str:
    for name in SAME_IN_ALL_ROWS:
        if name in values and values[name].lower() != head[name].lower():
            return f"The {name} differs from line {head[f'{name} line']}, which is of the same order."
    return ""


@lru_cache(maxsize=20_000)
def _part(value: Any) -> str:
    return price_text(value) if isinstance(value, Decimal) else str("" if value is None else value).casefold()
