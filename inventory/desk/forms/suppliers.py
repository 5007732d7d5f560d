from config.lib.forms import MasterDataForm, TimeZoneField
from inventory.models import Supplier


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
