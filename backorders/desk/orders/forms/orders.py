"""Taking an order at the desk."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from backorders.desk.fields import CustomerField, WarehouseField, WarehouseListField
from backorders.orders.checks import NewLine, NewOrder
from config.lib.forms import DayInput, OnceField, OneLineField
from config.lib.numbers import PriceField, QuantityField
from inventory.desk.forms.fields import ProductField

SOURCE = "desk"
PREFIX = "lines"
ROWS_AT_FIRST = 3
ROWS_AT_MOST = 80  # five fields each, below DATA_UPLOAD_MAX_NUMBER_FIELDS
SHIPPING = [("", "Customer's default"), ("parts", "Ship in parts"), ("whole", "Ship complete")]


class OrderForm(forms.Form):
    """`key` becomes the order's external number: the form sent twice is one order."""

    key = OnceField()
    customer = CustomerField(help_text="Code or part of the name.")
    customer_reference = OneLineField(max_length=100, required=False, label="Customer reference")
    shipping = forms.ChoiceField(choices=SHIPPING, required=False)
    warehouse = WarehouseField(required=False, empty_label="Automatic, by available stock")
    other_warehouses = WarehouseListField(
        required=False,
        max_length=300,
        label="Other warehouses",
        help_text="Other warehouses that may supply this order, in order of preference. Leave blank for all.",
    )

    @property
    def ship_complete(self) -> bool | None:
        return {"parts": False, "whole": True}.get(self.cleaned_data.get("shipping", ""))

    def new_order(self, lines: tuple[NewLine, ...], *, now: datetime) -> NewOrder:
        warehouse = self.cleaned_data["warehouse"]
        return NewOrder(
            source=SOURCE,
            external_number=self.cleaned_data["key"],
            customer_id=self.cleaned_data["customer"].pk,
            customer_reference=self.cleaned_data["customer_reference"],
            ship_complete=self.ship_complete,
            warehouse_id=warehouse.pk if warehouse else None,
            other_warehouses=tuple(self.cleaned_data["other_warehouses"]),
            lines=lines,
            placed_at=now,
        )


class OrderLineForm(forms.Form):
    product = ProductField(error_messages={"required": "Enter a product."})
    quantity = QuantityField(error_messages={"required": "Enter a quantity."})
    unit_price = PriceField(required=False, label="Price")
    requested_on = forms.DateField(required=False, widget=DayInput, label="Requested")
    latest_on = forms.DateField(required=False, widget=DayInput, label="Latest acceptable date")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = field.label or name.capitalize()
        self.fields["unit_price"].widget.attrs["placeholder"] = "List price"

    @property
    def new_line(self) -> NewLine:
        values = self.cleaned_data
        return NewLine(
            product_id=values["product"].pk,
            quantity=values["quantity"],
            unit_price=values["unit_price"],
            requested_on=values["requested_on"],
            latest_on=values["latest_on"],
        )


class BaseOrderLines(forms.BaseFormSet):
    def written(self) -> Iterator[OrderLineForm]:
        """The rows that a person filled in, blank ones left out."""
        return (form for form in self.forms if form.has_changed())

    def sound(self) -> Iterator[OrderLineForm]:
        """The rows that could be ordered as they stand."""
        return (form for form in self.written() if form.is_valid())

    def clean(self) -> None:
        if not any(self.written()):
            raise forms.ValidationError("Enter at least one line.", code="required")


OrderLines = forms.formset_factory(
    OrderLineForm,
    formset=BaseOrderLines,
    extra=ROWS_AT_FIRST,
    max_num=ROWS_AT_MOST,
    absolute_max=ROWS_AT_MOST,
    validate_max=True,
)


def with_another_row(data: QueryDict) -> QueryDict:
    """The same form with one more blank row, for people without JavaScript."""
    more = data.copy()
    count = more.get(f"{PREFIX}-TOTAL_FORMS", "")
    more[f"{PREFIX}-TOTAL_FORMS"] = str(int(count) + 1) if count.isascii() and count.isdigit() else count
    return more


def forgive_blanks(form: forms.BaseForm) -> None:
    """Nobody is told off for what they have not typed yet."""
    for name in list(form.errors):
        errors = form.errors[name].as_data()
        if all(error.code == "required" for error in errors):
            del form.errors[name]
