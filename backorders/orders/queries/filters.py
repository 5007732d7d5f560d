"""The worklist of backorders and the list of sales orders, narrowed down."""

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from backorders.enums import BackorderReason, OrderStatus
from backorders.models import OrderLine, SalesOrder
from backorders.orders.queries.ageing import BUCKETS
from backorders.orders.queries.backlog import DATED_SOURCES, DEFAULT_SORT, SORTS, BacklogState, DatedBy, state_condition
from backorders.queue.queries.search import (
    customers_found_by,
    keys_of,
    lines_found_by,
    orders_found_by,
    products_found_by,
    products_preferably_from,
)
from config.lib.filters import ListFilter, SearchFilter
from customers.models import Customer, CustomerTier
from inventory.models import Supplier, Warehouse

STATES = [
    (BacklogState.WAITING, "Waiting"),
    (BacklogState.PARTLY_ALLOCATED, "Partly allocated"),
    (BacklogState.ALLOCATED, "Allocated"),
    (BacklogState.LATE, "Late"),
    (BacklogState.AT_RISK, "At risk"),
    (BacklogState.DECISION_DUE, "Decision due"),
]
DATED = [
    (DatedBy.SUPPLY, "Stock or purchase order"),
    (DatedBy.LEAD_TIME, "Lead time only"),
    (DatedBy.NOTHING, "No reliable date"),
]
REASONS = [(reason.value, reason.label) for reason in BackorderReason if reason]
Lines = QuerySet[OrderLine]


class FilterBar(forms.Form):
    """Two forms stand on these pages, so its fields have names of their own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "filter-%s"} | options)


class CurrencyFilter(django_filters.Filter):
    field_class = forms.RegexField


def _tiers() -> Any:
    return CustomerTier.objects.order_by("rank").values_list("code", "name")


def _warehouses() -> Any:
    return Warehouse.objects.order_by("preference", "pk").values_list("code", "name")


def _suppliers() -> Any:
    return Supplier.objects.active().order_by("name").values_list("code", "name")


def _choice(label: str, choices: Callable[[], Any] | Sequence[tuple[str, str]], **options: Any) -> Any:
    return django_filters.ChoiceFilter(label=label, choices=choices, empty_label="All", **options)


class BacklogFilters(ListFilter):
    """The state comes with the tabs, the currency with links from the dashboard, the sorting with the table's head.

    Codes become keys first: the planner knows how frequent a key is, not what a join will find.
    """

    q = SearchFilter("Search", placeholder="Order, SKU, customer", method="named")
    product = SearchFilter("Product", placeholder="SKU or name", method="of_product")
    customer = SearchFilter("Customer", placeholder="Code or name", method="of_customer")
    age = _choice("Age", [(bucket.key, bucket.label) for bucket in BUCKETS], method="aged")
    reason = _choice("Reason", REASONS)
    tier = _choice("Tier", _tiers, method="of_tier")
    warehouse = _choice("Warehouse", _warehouses, method="of_warehouse")
    supplier = _choice("Supplier", _suppliers, method="from_supplier")
    dated = _choice("Promise from", DATED, method="dated_by")
    state = django_filters.ChoiceFilter(choices=STATES, widget=forms.HiddenInput, method="in_state")
    currency = CurrencyFilter(
        field_name="order__currency", label="Currency", regex=r"^[A-Z]{3}$", widget=forms.HiddenInput
    )
    sort = django_filters.ChoiceFilter(
        choices=[(key, key) for key in SORTS], widget=forms.HiddenInput, method="as_they_come"
    )

    class Meta:
        form = FilterBar

    @property
    def sorting(self) -> str:
        return self.chosen.get("sort", DEFAULT_SORT)

    @property
    def is_blank(self) -> bool:
        return not self.chosen.keys() - {"sort"}

    def named(self, lines: Lines, name: str, value: str) -> Lines:
        return lines_found_by(lines, value)

    def of_product(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(product__in=keys_of(products_found_by(value)))

    def of_customer(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(order__customer__in=keys_of(customers_found_by(value)))

    def aged(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(next(bucket for bucket in BUCKETS if bucket.key == value).aged(now=self.now))

    def of_tier(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(order__customer__tier=CustomerTier.objects.filter(code=value).first())

    def of_warehouse(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(warehouse=Warehouse.objects.filter(code=value).first())

    def from_supplier(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(product__in=products_preferably_from(value))

    def dated_by(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(promise_source__in=DATED_SOURCES[value])

    def in_state(self, lines: Lines, name: str, value: str) -> Lines:
        return lines.filter(state_condition(value, today=self.today))

    def as_they_come(self, lines: Lines, name: str, value: str) -> Lines:
        return lines


class OrderFilters(ListFilter):
    """The status comes with the tabs. A search names a number, a reference or a customer."""

    q = SearchFilter("Search", placeholder="Number, reference, customer", method="named")
    customer = SearchFilter("Customer", placeholder="Code or name", method="of_customer")
    status = django_filters.ChoiceFilter(choices=OrderStatus.choices, widget=forms.HiddenInput)

    class Meta:
        form = FilterBar

    def named(self, orders: QuerySet[SalesOrder], name: str, value: str) -> QuerySet[SalesOrder]:
        of_customer = SalesOrder.objects.filter(customer__in=Customer.objects.found_by(value).values("pk"))
        return orders.filter(pk__in=orders_found_by(value).values("pk").union(of_customer.values("pk"), all=True))

    def of_customer(self, orders: QuerySet[SalesOrder], name: str, value: str) -> QuerySet[SalesOrder]:
        return orders.filter(customer__in=keys_of(customers_found_by(value)))
