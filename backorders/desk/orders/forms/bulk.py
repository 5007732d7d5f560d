"""What is asked before several lines are changed at once."""

from django import forms

from backorders.enums import BackorderReason
from config.lib.text import clean_line

LINES_AT_ONCE = 200


class CorrectReasonsForm(forms.Form):
    reason = forms.ChoiceField(
        label="Why do these lines wait?",
        choices=[("", "Choose a reason"), *((reason.value, reason.label) for reason in BackorderReason if reason)],
    )


class CancelLinesForm(forms.Form):
    note = forms.CharField(
        label="Note for the customer",
        required=False,
        max_length=300,
        help_text="Shown in the email and in the timeline.",
    )

    def clean_note(self) -> str:
        return clean_line(self.cleaned_data["note"])
