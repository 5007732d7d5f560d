"""What a buyer decides on a supplier's answer, and asks."""

from collections.abc import Iterable
from typing import Any

from django import forms

from config.lib.forms import DayInput, MasterDataForm, OneLineField
from inventory.models import PurchasingSettings, SupplierAnswerLine
from inventory.suppliers.decide import AnswerDecision, AnswerVerdict

VERDICTS = [
    ("", "Later"),
    (AnswerVerdict.ACCEPT.value, "Accept"),
    (AnswerVerdict.COUNTER.value, "Ask for another date"),
    (AnswerVerdict.DECLINE.value, "Decline"),
]


class AnswerDecisionForm(forms.Form):
    """A verdict for each open proposal; a counter names the day."""

    def __init__(self, data: Any = None, *, proposals: Iterable[SupplierAnswerLine]) -> None:
        super().__init__(data)
        self.proposals = list(proposals)
        for proposal in self.proposals:
            sku = proposal.purchase_order_line.product.sku
            self.fields[f"verdict-{proposal.pk}"] = forms.ChoiceField(
                label=f"Decision on {sku}", choices=VERDICTS, required=False
            )
            self.fields[f"counter_on-{proposal.pk}"] = forms.DateField(
                label=f"Day that we ask for, {sku}", required=False, initial=proposal.asked_on, widget=DayInput
            )
            self.fields[f"note-{proposal.pk}"] = OneLineField(
                label=f"Note to the supplier, {sku}", required=False, max_length=300
            )

    def decisions(self) -> list[AnswerDecision]:
        chosen = []
        for proposal in self.proposals:
            verdict = self.cleaned_data[f"verdict-{proposal.pk}"]
            if verdict:
                counter_on = (
                    self.cleaned_data[f"counter_on-{proposal.pk}"] if verdict == AnswerVerdict.COUNTER else None
                )
                note = self.cleaned_data[f"note-{proposal.pk}"]
                chosen.append(AnswerDecision(proposal.pk, AnswerVerdict(verdict), counter_on, note))
        return chosen


class PurchasingSettingsForm(MasterDataForm):
    class Meta:
        model = PurchasingSettings
        fields = (
            "link_days", "reminder_days", "most_reminders", "transfer_cost", "express_percent", "enough_deliveries",
        )  # fmt: skip
        labels = {
            "link_days": "Link valid for (days)",
            "reminder_days": "Remind after (working days)",
            "most_reminders": "Maximum reminders",
            "transfer_cost": "Transfer cost per unit",
            "express_percent": "Express surcharge in per cent",
            "enough_deliveries": "Deliveries needed for own lead times",
        }


class AskSupplierForm(forms.Form):
    """A question about one line from the expedite list or the order's page."""

    wished_on = forms.DateField(label="Wanted by", required=False, widget=DayInput)
    note = OneLineField(label="Note to the supplier", required=False, max_length=300)
