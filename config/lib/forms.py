"""What the forms of every app share."""

import zoneinfo
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from config.lib.text import clean_line


class OneLineField(forms.CharField):
    """One line of plain text, as the database accepts it."""

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")


class TimeZoneField(OneLineField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Such as Europe/Berlin.")
        super().__init__(max_length=60, **kwargs)

    def to_python(self, value: Any) -> str:
        zone = super().to_python(value)
        if zone and zone not in zoneinfo.available_timezones():
            raise ValidationError(f"“{zone}” is not a time zone such as Europe/Berlin.", code="time_zone")
        return zone


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class MasterDataForm(forms.ModelForm):
    """Writes the fields that were changed and no others: a save of the whole row would undo what a service wrote."""

    # Field → what to say when another row has it, whatever the case.
    unique_fields: dict[str, str] = {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name, message in self.unique_fields.items():
            value = self.cleaned_data.get(name)
            others = type(self.instance)._default_manager.exclude(pk=self.instance.pk)
            if value and others.filter(**{f"{name}__iexact": value}).exists():
                self.add_error(name, message)
        return cleaned

    def save(self, commit: bool = True) -> Model:
        if self.instance.pk is None or not commit:
            return super().save(commit=commit)
        if self.changed_data:
            self.instance.save(update_fields=self.changed_data)
        return self.instance


class OnceField(forms.UUIDField):
    """A hidden key that makes the same form sent twice one fact."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(initial=uuid4, error_messages={"required": "This form is incomplete. Open the page again."})

    def clean(self, value: object) -> str:
        return super().clean(value).hex
