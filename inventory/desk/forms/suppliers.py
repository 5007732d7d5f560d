from django import forms

from config.lib.forms import MasterDataForm, TimeZoneField
from inventory.models import Supplier


class SupplierFilterForm(forms.Form):
    q = forms.CharField(label="Search", required=False, max_length=100, widget=forms.SearchInput)
    inactive = forms.BooleanField(label="No longer active", required=False)


class ReceiptFilterForm(forms.Form):
    which = forms.ChoiceField(
        label="Receipts", choices=[("", "All"), ("late", "Late"), ("on_time", "On time")], required=False
    )
    month = forms.DateField(
        required=False, input_formats=["%Y-%m"], widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m")
    )


class SupplierForm(MasterDataForm):
    unique_fields = {"code": "Another supplier has this code."}

    time_zone = TimeZoneField(initial="UTC")

    class Meta:
        model = Supplier
        fields = ["code", "name", "email", "lead_time_days", "time_zone", "language", "over_receipt_percent", "active"]
        help_texts = {"lead_time_days": "From order to delivery, in days."}


class ExistingSupplierForm(SupplierForm):
    """Files and catalogues know a supplier by the code, so it stays."""

    class Meta(SupplierForm.Meta):
        fields = [field for field in SupplierForm.Meta.fields if field != "code"]

    unique_fields = {}
