"""Keeping stock for a group of customers."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms

from backorders.desk.fields import CustomerField
from backorders.desk.policies.forms.policies import WholeField
from backorders.runs.quotas import NewQuota
from config.lib.forms import DayInput, OneLineField
from config.lib.numbers import QUANTITY_MAX
from customers.models import CustomerTier
from inventory.desk.forms.fields import ProductField
from inventory.models import Category


class QuotaForm(forms.Form):
    tier = forms.ModelChoiceField(CustomerTier.objects.order_by("rank"), required=False, label="For the tier")
    customer = CustomerField(required=False, label="… or the customer")
    channel = OneLineField(max_length=40, required=False, label="… or the channel")
    product = ProductField(required=False, label="Of the product")
    category = forms.ModelChoiceField(
        Category.objects.order_by("name"),
        required=False,
        label="… or every product of the category",
        help_text="Leave both blank for every product.",
    )
    units = WholeField(max_value=QUANTITY_MAX, required=False, help_text="In each warehouse, for the whole period.")
    percent = WholeField(max_value=100, required=False, label="… or per cent of the stock")
    starts_on = forms.DateField(widget=DayInput, label="From")
    ends_on = forms.DateField(widget=DayInput, label="To")
    release_on = forms.DateField(
        widget=DayInput,
        required=False,
        label="Release on",
        help_text="Unused units are free for everyone from this date.",
    )
    reason = OneLineField(max_length=200)

    def as_quota(self) -> NewQuota:
        cleaned = self.cleaned_data
        return NewQuota(
            reason=cleaned["reason"],
            starts_on=cleaned["starts_on"],
            ends_on=cleaned["ends_on"],
            release_on=cleaned["release_on"] or cleaned["ends_on"] + timedelta(days=1),
            units=cleaned["units"] or 0,
            percent=cleaned["percent"] or 0,
            product_id=_key(cleaned["product"]),
            category_id=_key(cleaned["category"]),
            tier_id=_key(cleaned["tier"]),
            customer_id=_key(cleaned["customer"]),
            channel=cleaned["channel"],
        )

    def refuse(self, reasons: Iterable[tuple[str, str]]) -> None:
        for name, reason in reasons:
            self.add_error(name, reason)


def _key(row: Any) -> int | None:
    return row.pk if row else None
