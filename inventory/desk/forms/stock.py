from uuid import uuid4

from django import forms

from config.lib.forms import OneLineField
from config.lib.numbers import QuantityField
from inventory.desk.forms.fields import ProductField
from inventory.models import Warehouse


class TransferForm(forms.Form):
    product = ProductField(help_text="SKU or part of the name.")
    from_warehouse = forms.ModelChoiceField(Warehouse.objects.order_by("preference", "code"), label="From")
    to_warehouse = forms.ModelChoiceField(Warehouse.objects.order_by("preference", "code"), label="To")
    quantity = QuantityField(help_text="Only free units can be transferred.")
    reason = OneLineField(max_length=200, required=False)
    key = OneLineField(max_length=40, widget=forms.HiddenInput, initial=lambda: uuid4().hex)
