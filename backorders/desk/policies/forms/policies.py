"""Writing a policy: rules that hold for all lines as form fields, segments as rows that buttons add and move."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from backorders.desk.policies.forms.segments import SegmentRow
from backorders.engine.allocation.warehouses import Reach
from backorders.engine.policy.definition import (
    DAYS_AT_MOST,
    NUMBER_AT_MOST,
    ExceptionMode,
    Method,
    PolicyDefinition,
    as_json,
)
from backorders.models import AllocationPolicy
from config.lib.forms import OneLineField

METHODS = [
    (Method.SEQUENCE.value, "One line after the other, by class and order"),
    (Method.FAIR_SHARE.value, "An equal share for every line"),
]
EXCEPTIONS = [
    (ExceptionMode.STOP_POOLS.value, "Skip that product and warehouse, continue with the rest"),
    (ExceptionMode.STOP_ALL.value, "Stop the whole run, change nothing"),
]
WAREHOUSES = [
    (Reach.OWN.value, "Its own warehouse only"),
    (Reach.WHOLE.value, "One warehouse that has all of it: its own or the first other one"),
    (Reach.SPLIT.value, "Its own first, then others for the rest"),
]


class WholeField(forms.IntegerField):
    """ASCII digits only, as everywhere."""

    def __init__(self, *, max_value: int = NUMBER_AT_MOST, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=max_value, **kwargs)

    def to_python(self, value: Any) -> int | None:
        text = str(value).strip() if value is not None else ""
        if text and not (text.isascii() and text.lstrip("-").isdigit()):
            raise forms.ValidationError("Enter a whole number.", code="invalid")
        return super().to_python(value)


class PolicyForm(forms.Form):
    """`based_on` is the version that the person looks at; a save behind a newer one is refused."""

    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)
    code = forms.SlugField(max_length=40, help_text="A short code that never changes. Files and commands use it.")
    name = OneLineField(max_length=80)
    description = OneLineField(max_length=200, required=False)
    method = forms.ChoiceField(choices=METHODS, label="Method")
    warehouses = forms.ChoiceField(
        choices=WAREHOUSES,
        initial=Reach.OWN.value,
        label="Warehouses that supply a line",
        help_text="Other warehouses supply what their own lines do not need.",
    )
    age_boost_days = WholeField(
        max_value=DAYS_AT_MOST,
        label="Days to move up one step",
        help_text="A waiting line moves up one tier or segment every so many days. 0 means never.",
    )
    minimum_units = WholeField(label="Minimum first delivery", help_text="In units. A smaller first delivery waits.")
    minimum_percent = WholeField(max_value=100, label="… and per cent of the line")
    hold_days = WholeField(
        max_value=DAYS_AT_MOST,
        required=False,
        label="Days that complete-ship orders may keep stock",
        help_text="An order that cannot be complete by then releases its stock. Leave blank for no limit.",
    )
    inbound = forms.BooleanField(
        required=False,
        label="Use incoming goods",
        help_text="A Win line uses goods that arrive by its date and leaves stock to lines that need it sooner.",
    )
    borrow = forms.BooleanField(
        required=False,
        label="Lend reserved stock",
        help_text="Stock that waits for a complete order or a later date goes to other lines if nobody is delayed.",
    )
    exceptions = forms.ChoiceField(choices=EXCEPTIONS, label="A guarantee that cannot be met")
    fallback = forms.ChoiceField(required=False, label="Fallback", help_text="Used where a guarantee cannot be met.")
    churn_budget = WholeField(
        required=False,
        label="Lines that may lose units",
        help_text="A run that takes units from more lines needs approval.",
    )
    approval_threshold = WholeField(
        required=False,
        label="Promised dates that may be pushed back",
        help_text="A run that pushes back more needs approval.",
    )
    comment = OneLineField(max_length=200, required=False, label="What changed and why")

    def __init__(self, *args: Any, policy: AllocationPolicy | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = AllocationPolicy.objects.filter(active=True).order_by("name")
        if policy:
            del self.fields["code"]
            others = others.exclude(pk=policy.pk)
        choices = [("", "None: leave the allocation as it is"), *others.values_list("code", "name")]
        self.fields["fallback"].choices = choices  # type: ignore[attr-defined]

    @property
    def head(self) -> Iterable[forms.BoundField]:
        return [self[name] for name in ("code", "name", "description", "method", "warehouses") if name in self.fields]

    @property
    def limits(self) -> Iterable[forms.BoundField]:
        names = ("age_boost_days", "hold_days", "minimum_units", "minimum_percent", "inbound", "borrow")
        return [self[name] for name in (*names, "exceptions", "fallback", "churn_budget", "approval_threshold")]

    def refuse(self, problems: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Put each reason beside its field; what belongs to a segment is given back."""
        rest = []
        for where, reason in problems:
            if where in self.fields:
                self.add_error(where, reason)
            elif where.startswith(("segments", "rest")):
                rest.append((where, reason))
            else:
                self.add_error(None, reason)
        return rest


RULES = (
    *("method", "age_boost_days", "minimum_units", "minimum_percent", "hold_days", "inbound", "borrow"),
    *("exceptions", "fallback", "churn_budget", "approval_threshold", "warehouses"),
)


class PolicyDraft:
    """The segments on the page, the rest last, in whatever state a person has brought them."""

    def __init__(self, rows: list[SegmentRow]) -> None:
        self.rows = rows
        self._number()

    @classmethod
    def of(cls, definition: PolicyDefinition) -> "PolicyDraft":
        raw = as_json(definition)
        return cls([SegmentRow.of(segment) for segment in [*raw["segments"], raw["rest"]]])

    @classmethod
    def read(cls, data: QueryDict) -> "PolicyDraft":
        count = min(int(data.get("segments", "0")) if data.get("segments", "0").isdecimal() else 0, 30)
        return cls([SegmentRow.read(data, f"s{number}") for number in range(count)] + [SegmentRow.read(data, "rest")])

    @property
    def segments(self) -> list[SegmentRow]:
        return self.rows[:-1]

    @property
    def rest(self) -> SegmentRow:
        return self.rows[-1]

    def definition(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        """As the policy reader takes it; whether it makes sense is for the reader to say."""
        return {
            **{name: rules[name] for name in RULES if name in rules},
            "segments": [row.as_json() for row in self.segments],
            "rest": self.rest.as_json(),
        }

    def act(self, action: str) -> None:
        """Do what a button says: `add`, `s1.up`, `s1.down`, `s1.remove`, `s1.to.0`, or something inside of a row."""
        prefix, _, what = action.partition(".")
        if action == "add":
            self.rows.insert(len(self.rows) - 1, SegmentRow.blank(len(self.rows)))
        row = next((row for row in self.rows if row.prefix == prefix), None)
        if row and what in ("up", "down", "remove") and row is not self.rest:
            self._move(row, what)
        elif row and what.startswith("to.") and what[3:].isdecimal() and row is not self.rest:
            self.rows.remove(row)
            self.rows.insert(min(int(what[3:]), len(self.rows) - 1), row)
        elif row:
            row.act(what)
        self._number()

    def refuse(self, problems: Iterable[tuple[str, str]]) -> None:
        for where, reason in problems:
            place, _, part = where.removeprefix("segments.").partition(".")
            row = self.rest if where.startswith("rest") else None
            if row is None and place.isdecimal() and int(place) < len(self.segments):
                row = self.segments[int(place)]
            (row or self.rest).refuse(part, reason)

    def _move(self, row: SegmentRow, what: str) -> None:
        place = self.rows.index(row)
        self.rows.remove(row)
        if what == "up":
            self.rows.insert(max(0, place - 1), row)
        elif what == "down":
            self.rows.insert(min(place + 1, len(self.rows) - 1), row)

    def _number(self) -> None:
        for number, row in enumerate(self.segments):
            row.prefix = f"s{number}"
        self.rest.prefix = "rest"
