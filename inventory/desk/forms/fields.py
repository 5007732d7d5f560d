"""Fields into which a person types a code; the browser offers what fits while they type."""

from typing import Any, Generic, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.urls import reverse_lazy

from config.lib.forms import OneLineField
from inventory.models import Product, Supplier

Row = TypeVar("Row", bound=Model)


class CodeField(OneLineField, Generic[Row]):
    """A code, cleaned to the row that has it; subclasses name the rows, the column and the address that offers."""

    rows: QuerySet[Row]
    column: str
    address: str
    noun: str

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = {"data-typeahead": reverse_lazy(self.address), "autocomplete": "off", "spellcheck": "false"}
        return super().widget_attrs(widget) | attrs

    def clean(self, value: Any) -> Row | None:
        code = super().clean(value)
        if not code:
            return None
        row = self.rows.all().filter(**{f"{self.column}__iexact": code}).first()
        if row is None:
            raise ValidationError(f"There is no active {self.noun} “{code}”.", code="unknown")
        return row


class ProductField(CodeField[Product]):
    rows = Product.objects.active()
    column, address, noun = "sku", "inventory:product-options", "product with the SKU"


class SupplierField(CodeField[Supplier]):
    rows = Supplier.objects.active()
    column, address, noun = "code", "inventory:supplier-options", "supplier with the code"
