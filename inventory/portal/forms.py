"""What a supplier answers by a link."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from config.lib.forms import DayInput, OneLineField
from config.lib.numbers import QuantityField
from inventory.engine.answers import OfferedPart, is_agreed
from inventory.models import PurchaseOrderLine
from inventory.suppliers.answer import LONGEST_COMMENT, LineAnswer

DELIVERIES = 3
AS_ASKED, OTHER_DATE, PARTS, REJECT, LEAVE = "as_asked", "other_date", "parts", "reject", "leave"
Say = Callable[..., str]


class UnitsField(QuantityField):
    """The units of a delivery; what is wrong is said in the reader's language."""

    def to_python(self, value: Any) -> int | None:
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(self.error_messages["invalid"], code="quantity") from None


class PlainLineField(OneLineField):
    def to_python(self, value: Any) -> str:
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(self.error_messages["invalid"], code="unprintable") from None


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line of the order with the day that we ask for, if it has not passed."""

    line: PurchaseOrderLine
    asked_on: date

    @property
    def units(self) -> int:
        return self.line.outstanding


class AnswerForm(forms.Form):
    """One choice for each outstanding line. `say` gives words in the supplier's language."""

    version = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, data: Any = None, *, asked: Iterable[AskedLine], today: date, say: Say, version: str) -> None:
        super().__init__(data, initial={"version": version})
        self.asked, self.today, self.say = list(asked), today, say
        self.answers: list[LineAnswer] = []
        for asked_line in self.asked:
            self._add_fields(asked_line)
        self.fields["comment"] = forms.CharField(
            label=say("comment"),
            help_text=say("comment_help"),
            required=False,
            max_length=LONGEST_COMMENT,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def _add_fields(self, asked: AskedLine) -> None:
        pk, say = asked.line.pk, self.say
        choices = [
            (OTHER_DATE, say("other_date")),
            (PARTS, say("parts")),
            (REJECT, say("reject")),
            (LEAVE, say("leave")),
        ]
        in_time = asked.asked_on >= self.today
        if in_time:
            choices.insert(0, (AS_ASKED, say("as_asked", day=asked.asked_on)))
        self.fields[f"choice-{pk}"] = forms.ChoiceField(
            label=say("choice", sku=asked.line.product.sku),
            choices=choices,
            initial=AS_ASKED if in_time else LEAVE,
            widget=forms.RadioSelect,
        )
        wrong_day = {"invalid": say("error_day")}
        self.fields[f"date-{pk}"] = forms.DateField(
            label=say("date"), required=False, widget=DayInput, error_messages=wrong_day
        )
        for n in range(DELIVERIES):
            self.fields[f"quantity-{pk}-{n}"] = UnitsField(
                label=say("quantity"), required=False, error_messages={"invalid": say("error_quantity")}
            )
            self.fields[f"day-{pk}-{n}"] = forms.DateField(
                label=say("date"), required=False, widget=DayInput, error_messages=wrong_day
            )
        self.fields[f"reason-{pk}"] = PlainLineField(
            label=say("reason"),
            help_text=say("reason_help"),
            required=False,
            max_length=200,
            error_messages={"invalid": say("error_text")},
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for asked in self.asked:
            if not self._has_errors(asked.line.pk):
                self._clean_line(asked)
        if not self.errors and not self.answers and not self.cleaned_data.get("comment", "").strip():
            raise ValidationError(self.say("error_nothing"))
        return cleaned

    def _has_errors(self, pk: int) -> bool:
        return any(name.split("-")[1:2] == [str(pk)] for name in self.errors)

    def _clean_line(self, asked: AskedLine) -> None:
        pk, choice = asked.line.pk, self.cleaned_data.get(f"choice-{asked.line.pk}")
        if choice == LEAVE:
            return
        parts: list[OfferedPart] = []
        if choice == AS_ASKED:
            parts = [OfferedPart(asked.units, asked.asked_on)]
        elif choice == OTHER_DATE:
            parts = [OfferedPart(asked.units, self._day(f"date-{pk}"))]
        elif choice == REJECT:
            parts = [OfferedPart(asked.units, None)]
        elif choice == PARTS:
            parts = self._deliveries(asked)
        if self._has_errors(pk):
            return
        reason = self.cleaned_data[f"reason-{pk}"]
        if not reason and not is_agreed(parts, outstanding=asked.units, asked_on=asked.asked_on):
            self.add_error(f"reason-{pk}", self.say("error_reason"))
        else:
            self.answers.append(LineAnswer(pk, tuple(parts), reason))

    def _day(self, name: str) -> date | None:
        day = self.cleaned_data.get(name)
        if day is None:
            self.add_error(name, self.say("error_date"))
        elif day < self.today:
            self.add_error(name, self.say("error_past"))
        return day

    def _deliveries(self, asked: AskedLine) -> list[OfferedPart]:
        pk, parts = asked.line.pk, []
        for n in range(DELIVERIES):
            quantity, day = self.cleaned_data.get(f"quantity-{pk}-{n}"), self.cleaned_data.get(f"day-{pk}-{n}")
            if quantity and day:
                parts.append(OfferedPart(quantity, self._day(f"day-{pk}-{n}")))
            elif quantity or day:
                self.add_error(f"quantity-{pk}-{n}", self.say("error_pair"))
        total = sum(part.quantity for part in parts)
        if not parts:
            self.add_error(f"quantity-{pk}-0", self.say("error_parts"))
        elif total > asked.units:
            self.add_error(f"quantity-{pk}-0", self.say("error_sum", total=total, units=asked.units))
        elif len({part.available_on for part in parts}) < len(parts):
            self.add_error(f"day-{pk}-0", self.say("error_twice"))
        elif total < asked.units:
            parts.append(OfferedPart(asked.units - total, None))
        return parts
