"""What all runs and dates of the desk go by."""

from backorders.models import DeskSettings
from config.lib.forms import MasterDataForm


class DeskSettingsForm(MasterDataForm):
    class Meta:
        model = DeskSettings
        fields = (
            "company_name",
            "date_change_threshold_days",
            "order_cycle_days",
            "handling_days",
            "nightly_hour",
            "names_causes",
        )
        labels = {
            "date_change_threshold_days": "Notify customers when a date moves by more than … days",
            "order_cycle_days": "Order cycle in working days",
            "handling_days": "Handling time in working days",
            "nightly_hour": "Hour of the nightly run",
            "names_causes": "Name causes to customers",
        }
