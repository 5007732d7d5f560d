"""Fields that several forms of the desk share."""

from typing import Any

from django import forms

from config.lib.text import clean_line
from customers.models import Customer
from inventory.desk.forms.fields import CodeField
from inventory.models import Warehouse


class CustomerField(CodeField[Customer]):
    rows = Customer.objects.active()
    column, address, noun = "code", "customers:customer-options", "customer with the code"


class WarehouseListField(forms.CharField):
    """Codes of warehouses in an order that counts, as their ids."""

    def to_python(self, value: object) -> list[int]:  # type: ignore[override]
        codes = (clean_line(super().to_python(value) or "")).replace(",", " ").lower().split()
        known = {code.lower(): pk for code, pk in Warehouse.objects.values_list("code", "pk")}
        if unknown := [code for code in codes if code not in known]:
            message = f"There is no warehouse “{unknown[0].upper()}”: there are {', '.join(sorted(known)).upper()}."
            raise forms.ValidationError(message, code="unknown")
        if len(set(codes)) < len(codes):
            raise forms.ValidationError("Name each warehouse once.", code="repeated")
        return [known[code] for code in codes]


class WarehouseField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Warehouse.objects.order_by("preference", "code"), **kwargs)

    def label_from_instance(self, warehouse: Warehouse) -> str:
        return f"{warehouse.code} – {warehouse.name}"
