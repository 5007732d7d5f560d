"""Choosing what of the expedite list is shown."""

from django import forms

from inventory.models import Supplier

SORTS = [("", "Value first"), ("customers", "Customers first"), ("deadlines", "Deadlines first")]


class ExpediteFilterForm(forms.Form):
    supplier = forms.ModelChoiceField(Supplier.objects.order_by("name"), required=False, empty_label="Any supplier")
    sort = forms.ChoiceField(label="Order", choices=SORTS, required=False)
    late = forms.BooleanField(label="Late only", required=False)
