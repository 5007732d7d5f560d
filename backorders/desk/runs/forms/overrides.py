"""Deciding against the queue: what, how many, until when, from whom, and why."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from backorders.enums import OverrideKind
from backorders.runs.queries.blocks import LineInBlock
from config.lib.forms import DayInput, OneLineField
from config.lib.numbers import QUANTITY_MAX


class OverrideForm(forms.Form):
    kind = forms.ChoiceField(choices=OverrideKind.choices, widget=forms.RadioSelect, label="What")
    units = forms.IntegerField(min_value=0, max_value=QUANTITY_MAX, required=False, label="Units")
    until = forms.DateField(
        widget=DayInput, required=False, help_text="For hold and set: the date from which runs decide again."
    )
    from_line_id = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label="From", help_text="For move: the line that gives up units."
    )
    gives_back = forms.BooleanField(required=False, label="For hold: release the allocated units")
    reason = OneLineField(max_length=250, label="Why", help_text="Shown in the timeline.")

    def __init__(self, *args: Any, givers: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["from_line_id"]).choices = [("", "–"), *givers]

    def clean(self) -> dict[str, Any]:
        """What the kind needs, beside the field that lacks it."""
        data = self.cleaned_data
        kind = data.get("kind")
        data["units"] = data.get("units") or 0
        if kind in (OverrideKind.PIN, OverrideKind.MOVE) and "units" not in self.errors and data["units"] < 1:
            self.add_error("units", "Enter the number of units.")
        if kind == OverrideKind.MOVE and not data.get("from_line_id") and "from_line_id" not in self.errors:
            self.add_error("from_line_id", "Choose the line that gives up units.")
        if kind == OverrideKind.HOLD and not data.get("until") and "until" not in self.errors:
            self.add_error("until", "Enter an end date.")
        if kind != OverrideKind.MOVE:
            data["from_line_id"] = None
        if kind not in (OverrideKind.HOLD, OverrideKind.SET):
            data["until"] = None
        return data


class SettleForm(forms.Form):
    """How many units each line of a blocked pool keeps, and why."""

    note = OneLineField(max_length=250, label="Why")

    def __init__(self, *args: Any, rows: Sequence[LineInBlock], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choosable = [row for row in rows if not row.guest]
        self.lines = [row.line.pk for row in choosable]
        for row in choosable:
            self.fields[f"line_{row.line.pk}"] = forms.IntegerField(
                min_value=0,
                max_value=row.most,
                initial=row.holds,
                required=False,
                widget=forms.NumberInput({"aria-label": f"Units that {row.line} keeps"}),
            )

    @property
    def keeps(self) -> dict[int, int]:
        """What was entered; a blank field leaves its line alone."""
        entered = {pk: self.cleaned_data.get(f"line_{pk}") for pk in self.lines}
        return {pk: units for pk, units in entered.items() if units is not None}


class UndoOverrideForm(forms.Form):
    reason = OneLineField(max_length=250, label="Why")
