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
    (Method.SEQUENCE.value, "One after the other, by class and order"),
    (Method.FAIR_SHARE.value, "Everybody the same share of what is there"),
]
EXCEPTIONS = [
    (ExceptionMode.STOP_POOLS.value, "stops its own pool; the others are served"),
    (ExceptionMode.STOP_ALL.value, "stops the whole run; nothing is written"),
]
WAREHOUSES = [
    (Reach.OWN.value, "Its own only"),
    (Reach.WHOLE.value, "One that can serve it whole: its own, or the first other one"),
    (Reach.SPLIT.value, "Its own, and what it lacks from others"),
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
    code = forms.SlugField(max_length=40, help_text="Short and lasting: files and commands name the policy by it.")
    name = OneLineField(max_length=80)
    description = OneLineField(max_length=200, required=False)
    method = forms.ChoiceField(choices=METHODS, label="Stock goes to")
    warehouses = forms.ChoiceField(
        choices=WAREHOUSES,
        initial=Reach.OWN.value,
        label="Warehouses that serve a line",
        help_text="Others give what their own lines leave.",
    )
    age_boost_days = WholeField(
        max_value=DAYS_AT_MOST,
        label="Days for one step up",
        help_text="A waiting line moves up by one tier, or segment, each so many days. 0: never.",
    )
    minimum_units = WholeField(label="Minimum first delivery", help_text="Units; a smaller first delivery waits.")
    minimum_percent = WholeField(max_value=100, label="… and percent of the line")
    hold_days = WholeField(
        max_value=DAYS_AT_MOST,
        required=False,
        label="Days a complete order may hold stock",
        help_text="What cannot be complete by then gives its stock to others. Empty: no limit.",
    )
    inbound = forms.BooleanField(
        required=False,
        label="Count goods on their way",
        help_text="A Win line is served when they are here by its date, and leaves stock to those who need it sooner.",
    )
    borrow = forms.BooleanField(
        required=False,
        label="Lend parked stock",
        help_text="What waits for a complete order or a later date goes to lines behind, as far as nobody is delayed.",
    )
    exceptions = forms.ChoiceField(choices=EXCEPTIONS, label="A guarantee that cannot be met")
    fallback = forms.ChoiceField(required=False, label="Fallback", help_text="Serves a pool that was stopped.")
    churn_budget = WholeField(
        required=False, label="Lines that may lose units", help_text="A run that takes from more waits for approval."
    )
    approval_threshold = WholeField(
        required=False, label="Told dates that may get worse", help_text="A run that breaks more waits for approval."
    )
    comment = OneLineField(max_length=200, required=False, label="What is new, and why")

    def __init__(self, *args: Any, policy: AllocationPolicy | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = AllocationPolicy.objects.filter(active=True).order_by("name")
        if policy:
            del self.fields["code"]
            others = others.exclude(pk=policy.pk)
        choices = [("", "None: the pool stays as it is"), *others.values_list("code", "name")]
        self.fields["fallback"].choices = choices  # type: ignore[attr-defined]

    @property
    def head(self) -> Iterable[forms.BoundField]:
        return [self[name] for name in ("code", "name", "description", "method", "warehouses") if name in self.fields]

    @property
    def limits(self) -> Iterable[forms.BoundField]:
        wanted = ("age_boost_days", "hold_days", "minimum_units", "minimum_percent", "inbound", "borrow")
        return [self[name] for name in (*wanted, "exceptions", "fallback", "churn_budget", "approval_threshold")]

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
