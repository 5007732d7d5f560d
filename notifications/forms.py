from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from config.lib.forms import MasterDataForm, OneLineField
from config.lib.text import clean_email
from notifications.enums import Frequency
from notifications.models import MailRules, Preference
from notifications.services.preferences import optional_kinds
from notifications.services.wording.language import LONGEST_SOURCE

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "wanted": "Email me about",
        "frequency": "How often",
        "at_once": "Immediately",
        "daily": "Once a day, in one email",
        "weekly": "Once a week, on Mondays, in one email",
        "quiet_from": "No emails from",
        "quiet_until": "until",
        "quiet_help": "Your local time. Leave both empty for our usual hours.",
        "opted_out": "Stop all these emails",
        "opted_out_help": "You will still receive notices that the law requires.",
        "pair": "Enter both times or neither.",
    },
    "de": {
        "wanted": "Ich möchte E-Mails zu",
        "frequency": "Häufigkeit",
        "at_once": "Sofort",
        "daily": "Einmal täglich, gesammelt in einer E-Mail",
        "weekly": "Einmal wöchentlich (montags), gesammelt in einer E-Mail",
        "quiet_from": "Keine E-Mails von",
        "quiet_until": "bis",
        "quiet_help": "Ihre Ortszeit. Ohne Angabe gelten unsere üblichen Zeiten.",
        "opted_out": "Alle diese E-Mails abbestellen",
        "opted_out_help": "Gesetzlich vorgeschriebene Mitteilungen erhalten Sie weiterhin.",
        "pair": "Bitte geben Sie beide Zeiten an oder keine.",
    },
}


class PreferenceForm(forms.Form):
    """What one reader wants to get; shown to the reader in their language, and to the desk in English."""

    wanted = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    frequency = forms.ChoiceField(widget=forms.RadioSelect)
    quiet_from = forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    quiet_until = forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    opted_out = forms.BooleanField(required=False)

    def __init__(self, *args: Any, preference: Preference, language: str = "en", **options: Any) -> None:
        self.kinds = optional_kinds(language=language)
        options["initial"] = {
            "wanted": [kind for kind in self.kinds if kind not in preference.unwanted],
            "frequency": preference.frequency,
            "quiet_from": preference.quiet_from,
            "quiet_until": preference.quiet_until,
            "opted_out": preference.opted_out,
        }
        super().__init__(*args, **options)
        self.words = WORDS[language]
        for name, field in self.fields.items():
            field.label = self.words[name]
        self._choices("wanted").choices = list(self.kinds.items())
        self._choices("frequency").choices = [(value, self.words[value]) for value in Frequency.values]
        self.fields["quiet_until"].help_text = self.words["quiet_help"]
        self.fields["opted_out"].help_text = self.words["opted_out_help"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("quiet_from")) != bool(cleaned.get("quiet_until")):
            raise ValidationError(self.words["pair"], code="pair")
        return cleaned

    def wishes(self) -> dict[str, Any]:
        """As `save_preferences` takes them. Kinds that the form did not offer stay wanted."""
        cleaned = self.cleaned_data
        return {
            "frequency": Frequency(cleaned["frequency"]),
            "unwanted": [kind for kind in self.kinds if kind not in cleaned["wanted"]],
            "opted_out": cleaned["opted_out"],
            "quiet_from": cleaned["quiet_from"],
            "quiet_until": cleaned["quiet_until"],
        }

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field


class WordingForm(forms.Form):
    subject = OneLineField(max_length=500)
    body = forms.CharField(
        max_length=LONGEST_SOURCE, strip=False, widget=forms.Textarea(attrs={"rows": 22, "class": "mono"})
    )
    note = OneLineField(
        label="Reason for the change", required=False, max_length=200, help_text="Shown in the list of versions."
    )


class ReasonForm(forms.Form):
    """A decision that needs a reason."""

    reason = OneLineField(max_length=200)


class MailRulesForm(MasterDataForm):
    staff_addresses = forms.CharField(
        required=False,
        label="Alert recipients",
        help_text="Who receives alerts. Separate addresses with commas.",
        max_length=2000,
    )

    class Meta:
        model = MailRules
        fields = ["quiet_from", "quiet_until", "daily_cap", "digest_hour", "approval_above", "staff_addresses"]
        widgets = dict.fromkeys(("quiet_from", "quiet_until"), forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        labels = {
            "quiet_from": "Quiet hours from",
            "quiet_until": "Quiet hours until",
            "daily_cap": "Maximum emails per customer and day",
            "digest_hour": "Digest hour",
            "approval_above": "Maximum emails of a run without approval",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["staff_addresses"] = ", ".join(self.instance.staff_addresses)

    def clean_staff_addresses(self) -> list[str]:
        parts = self.cleaned_data["staff_addresses"].split(",")
        return [address for part in parts if (address := clean_email(part))]
