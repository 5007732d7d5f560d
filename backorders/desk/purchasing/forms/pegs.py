"""Pegging goods on their way to an order line."""

from typing import Any

from django import forms

from backorders.desk.policies.forms.policies import WholeField
from backorders.models import OrderLine
from config.lib.forms import OneLineField
from config.lib.numbers import QUANTITY_MAX
from inventory.models import PurchaseOrderLine


class ComingField(forms.ModelChoiceField):
    def label_from_instance(self, coming: Any) -> str:
        day = f"expected {coming.expected_on:%d %b %Y}" if coming.expected_on else "without a date"
        return f"{coming.purchase_order.number}, line {coming.number}: {coming.open} to come, {day}"


class PegForm(forms.Form):
    purchase_line = ComingField(PurchaseOrderLine.objects.none(), label="Incoming goods", empty_label=None)
    units = WholeField(max_value=QUANTITY_MAX)
    reason = OneLineField(max_length=200)

    def __init__(self, *args: Any, line: OrderLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        coming = (
            PurchaseOrderLine.objects.inbound()
            .with_expected_on()
            .filter(product_id=line.product_id, purchase_order__warehouse_id=line.warehouse_id)
            .select_related("purchase_order")
            .order_by("expected_on", "pk")
        )
        self.fields["purchase_line"].queryset = coming  # type: ignore[attr-defined]
        self.fields["units"].initial = line.missing
