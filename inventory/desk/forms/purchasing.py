from collections.abc import Iterable
from datetime import date
from typing import cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from config.lib.forms import DayInput, OneLineField
from config.lib.numbers import PriceField, QuantityField
from inventory.desk.forms.fields import ProductField, SupplierField
from inventory.models import PurchaseOrderLine, Warehouse
from inventory.purchasing.order import NewPurchaseLine

MOST_LINES = 80
BLANK_ROWS = 3


class PurchaseOrderForm(forms.Form):
    supplier = SupplierField(help_text="Code or part of the name.")
    warehouse = forms.ModelChoiceField(
        Warehouse.objects.order_by("preference", "code"), empty_label=None, help_text="The receiving warehouse."
    )
    note = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    key = OneLineField(max_length=40, widget=forms.HiddenInput, initial=lambda: uuid4().hex)


class PurchaseLineForm(forms.Form):
    product = ProductField()
    quantity = QuantityField()
    requested_on = forms.DateField(required=False, widget=DayInput)
    cost = PriceField(required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "product": "Product",
            "quantity": "Quantity",
            "requested_on": "Requested for",
            "cost": "Cost per unit",
        }
        for name, label in labels.items():
            self.fields[name].widget.attrs["aria-label"] = label

    def new_line(self) -> NewPurchaseLine:
        line = self.cleaned_data
        return NewPurchaseLine(line["product"].pk, line["quantity"], line["requested_on"], line["cost"])


class PurchaseLineFormSet(forms.BaseFormSet):
    """Rows left blank are ignored, but not all of them may be."""

    def clean(self) -> None:
        if not any(self.errors) and not self.new_lines():
            raise ValidationError("Name at least one product and its quantity.")

    def new_lines(self) -> list[NewPurchaseLine]:
        return [form.new_line() for form in self.forms if form.has_changed()]


PurchaseLines = cast(
    "type[PurchaseLineFormSet]",
    forms.formset_factory(
        PurchaseLineForm, formset=PurchaseLineFormSet, extra=BLANK_ROWS, max_num=MOST_LINES, absolute_max=MOST_LINES
    ),
)


class ConfirmForm(forms.Form):
    """One day for each line, as requested unless that has passed; a line left blank stays unconfirmed."""

    def __init__(self, data=None, *, lines: Iterable[PurchaseOrderLine], today: date) -> None:
        super().__init__(data)
        self.line_ids = {f"line-{line.pk}": line.pk for line in lines}
        for line in lines:
            self.fields[f"line-{line.pk}"] = forms.DateField(
                label=f"Confirmed date of line {line.number}, {line.product.sku}",
                required=False,
                initial=line.requested_on if line.requested_on and line.requested_on >= today else None,
                widget=DayInput,
            )

    def dates(self) -> dict[int, date]:
        return {pk: day for name, pk in self.line_ids.items() if (day := self.cleaned_data.get(name))}


class ChangeDateForm(forms.Form):
    new_on = forms.DateField(label="New date", widget=DayInput)
    reason = OneLineField(max_length=200, required=False, help_text="The supplier's reason, kept in the history.")


class CancelPurchaseLineForm(forms.Form):
    quantity = QuantityField(help_text="Units no longer expected.")
