from django import forms
from django.core.validators import MaxValueValidator

from config.lib.forms import DayInput, MasterDataForm
from config.lib.numbers import PriceField, QuantityField
from inventory.desk.forms.fields import ProductField
from inventory.models import Product


class ProductForm(MasterDataForm):
    unique_fields = {"sku": "Another product has this SKU."}

    price = PriceField(help_text="Per unit, up to four decimals.")
    cost = PriceField(help_text="Purchase cost per unit.")
    pack_size = QuantityField(help_text="Units in one pack.")
    backorder_limit = QuantityField(least=0, help_text="Maximum units on backorder; 0 means no limit.")

    class Meta:
        model = Product
        fields = [
            "sku", "name", "category", "unit", "pack_size", "price", "cost", "currency",
            "backorder_policy", "backorder_limit", "backorder_until", "active",
        ]  # fmt: skip
        labels = {"sku": "SKU"}
        widgets = {"backorder_until": DayInput}


class ExistingProductForm(ProductForm):
    """Orders, emails and suppliers know a product by its SKU, so it stays."""

    class Meta(ProductForm.Meta):
        fields = [field for field in ProductForm.Meta.fields if field != "sku"]

    unique_fields = {}


class SubstituteForm(forms.Form):
    substitute = ProductField(help_text="SKU or part of the name.")
    units = QuantityField(label="Units", initial=1)
    per = QuantityField(label="Per units of this product", initial=1)
    rank = QuantityField(initial=1, validators=[MaxValueValidator(99)], help_text="The lowest number is offered first.")
