from django import forms

from notifications.enums import MessageStatus
from notifications.payloads import PAYLOADS


class MessageFilterForm(forms.Form):
    q = forms.CharField(
        label="Recipient or order", required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    status = forms.ChoiceField(choices=[("", "Any state"), *MessageStatus.choices], required=False)
    kind = forms.ChoiceField(
        choices=[("", "Any kind"), *((payload.kind, payload.label) for payload in PAYLOADS.values())], required=False
    )
