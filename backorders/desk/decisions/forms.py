"""What customers decide, what staff ask and answer for them, and refunds."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from backorders.decisions.forms import CustomerDecisionForm
from backorders.decisions.substitutes import SubstituteOffer
from backorders.enums import Answer, QuestionKind, RefundMethod
from backorders.models import CustomerSettings
from config.lib.forms import DayInput, MasterDataForm, OneLineField
from config.lib.numbers import PriceField

DEFAULTS = [
    (Answer.KEEP_WAITING.value, "it keeps waiting"),
    (Answer.CANCEL_UNITS.value, "what still waits is cancelled and refunded"),
]


class StaffDecisionForm(CustomerDecisionForm):
    """The same from the desk, with what the customer said and how."""

    note = OneLineField(max_length=200, label="How did the customer answer?")


class AskCustomerForm(forms.Form):
    """A question to the customer of one line."""

    kind = forms.ChoiceField(
        choices=[choice for choice in QuestionKind.choices if choice[0] != QuestionKind.NOTICE], label="Question"
    )
    substitute = forms.ChoiceField(required=False, label="Substitute offered")
    default = forms.ChoiceField(choices=DEFAULTS, label="If the customer does not answer")
    answer_by = forms.DateField(
        widget=DayInput,
        required=False,
        label="Last day to answer",
        help_text="Leave blank to use the settings.",
    )

    def __init__(self, *args: Any, offers: Sequence[SubstituteOffer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "–")]
        for offer in offers:
            product = offer.substitute.substitute
            choices.append((str(offer.substitute.pk), f"{offer.units} × {product.sku} {product.name}"))
        cast(forms.ChoiceField, self.fields["substitute"]).choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == QuestionKind.SUBSTITUTE and not cleaned.get("substitute"):
            self.add_error("substitute", "Choose a substitute.")
        return cleaned


class AskLinesForm(forms.Form):
    default = forms.ChoiceField(
        choices=DEFAULTS, label="If the customer does not answer", initial=Answer.KEEP_WAITING.value
    )


class RefundForm(forms.Form):
    """That the money was sent: how much, how, when."""

    method = forms.ChoiceField(choices=RefundMethod.choices)
    amount = PriceField()
    sent_on = forms.DateField(widget=DayInput, label="Sent on")
    note = OneLineField(max_length=200, required=False)


class CustomerSettingsForm(MasterDataForm):
    class Meta:
        model = CustomerSettings
        fields = (
            "tracking_link_days", "answer_days", "refund_working_days", "alternatives", "offers_by_rule",
            "notice_margin_days", "notice_after_days",
        )  # fmt: skip
        labels = {
            "tracking_link_days": "Tracking link valid for (days)",
            "answer_days": "Days to answer a question",
            "refund_working_days": "Refund within (working days)",
            "alternatives": "Alternatives offered",
            "offers_by_rule": "Offer substitutes automatically",
            "notice_margin_days": "Send delay notices this many days before the deadline",
            "notice_after_days": "Send delay notices at most this many days after the delay is known",
        }
