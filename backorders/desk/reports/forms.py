"""What people know about a delay that the rows do not."""

from typing import Any

from django import forms

from backorders.models import DelayCase
from config.lib.forms import DayInput, OneLineField


class CorrectCaseForm(forms.Form):
    completed_on = forms.DateField(
        widget=DayInput, label="Order complete", help_text="All information and payment or authorisation received."
    )
    stated_on = forms.DateField(
        widget=DayInput, required=False, label="Stated shipping date", help_text="Leave blank if none was stated."
    )
    credit_application = forms.BooleanField(required=False, label="Customer applied for credit")
    reason = OneLineField(max_length=200, label="Reason for the correction")

    def __init__(self, *args: Any, instance: DelayCase, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "completed_on": instance.completed_on,
            "stated_on": instance.stated_on,
            "credit_application": instance.credit_application,
        }
        super().__init__(*args, **kwargs | {"auto_id": f"id_{instance.pk}_%s"})


class RecordNoticeForm(forms.Form):
    sent_on = forms.DateField(widget=DayInput, label="Sent on")
    revised_on = forms.DateField(widget=DayInput, required=False, label="New date", help_text="Leave blank if unknown.")
    how = OneLineField(max_length=200, label="How it was sent")
