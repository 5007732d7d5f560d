"""What a person may ask the worklist for. A value that makes no sense filters nothing: an old link still opens."""

from collections.abc import Iterator
from typing import NamedTuple

from django import forms
from django.http import QueryDict

from backorders.enums import BackorderReason
from backorders.orders.queries.ageing import BUCKETS
from backorders.orders.queries.backlog import DEFAULT_SORT, SORTS, BacklogFilter, BacklogState, DatedBy
from customers.models import CustomerTier
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


class Chip(NamedTuple):
    """An active filter, as people read it."""

    name: str
    label: str
    value: str


def _typed(label: str, placeholder: str) -> forms.CharField:
    attrs = {"placeholder": placeholder, "autocomplete": "off"}
    return forms.CharField(label=label, required=False, max_length=100, widget=forms.TextInput(attrs=attrs))


class BacklogForm(forms.Form):
    """The filter bar; the state comes with the tabs, the currency with links from the dashboard."""

    q = _typed("Search", "Order, SKU, customer")
    product = _typed("Product", "SKU or name")
    customer = _typed("Customer", "Code or name")
    age = forms.ChoiceField(label="Age", required=False)
    reason = forms.ChoiceField(label="Reason", required=False)
    tier = forms.ChoiceField(label="Tier", required=False)
    warehouse = forms.ChoiceField(label="Warehouse", required=False)
    supplier = forms.ChoiceField(label="Supplier", required=False)
    dated = forms.ChoiceField(label="Promise from", required=False)
    state = forms.ChoiceField(required=False, choices=STATES, widget=forms.HiddenInput)
    currency = forms.RegexField(r"^[A-Z]{3}$", required=False, widget=forms.HiddenInput)
    sort = forms.ChoiceField(required=False, choices=[(key, key) for key in SORTS], widget=forms.HiddenInput)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query, auto_id="filter-%s")
        self._words: dict[str, dict[str, str]] = {}
        tiers = CustomerTier.objects.order_by("rank").values_list("code", "name")
        warehouses = Warehouse.objects.order_by("preference", "pk").values_list("code", "name")
        suppliers = Supplier.objects.active().order_by("name").values_list("code", "name")
        self._offer("age", [(bucket.key, bucket.label) for bucket in BUCKETS])
        self._offer("reason", REASONS)
        self._offer("tier", list(tiers))
        self._offer("warehouse", list(warehouses))
        self._offer("supplier", list(suppliers))
        self._offer("dated", list(DATED))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All"), *choices]
        self._words[name] = dict(choices)

    @property
    def wanted(self) -> BacklogFilter:
        """The values that make sense."""
        self.full_clean()
        values = {name: value for name, value in self.cleaned_data.items() if name != "sort" and value}
        return BacklogFilter(**values)

    @property
    def sorting(self) -> str:
        self.full_clean()
        return self.cleaned_data.get("sort") or DEFAULT_SORT

    def chips(self) -> Iterator[Chip]:
        self.full_clean()
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if not value or name in ("sort", "state"):
                continue
            words = self._words.get(name, {}).get(value, value)
            yield Chip(name, str(field.label or name.capitalize()), words)
