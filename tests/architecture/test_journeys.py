"""A reader follows one event from the first call to the last: the way stays short."""

from datetime import date
from typing import NamedTuple

import pytest

from backorders.engine.promising.supply_curve import Promised
from backorders.engine.working_days import add_working_days
from tests.architecture.trace import Call, Journey, trace_night, trace_order, traced


class Length(NamedTuple):
    modules: int
    functions: int
    switches: int


# To be lowered, never raised.
ORDER_AT_MOST = Length(22, 110, 80)
NIGHT_AT_MOST = Length(26, 105, 90)


def length(journey: Journey) -> Length:
    return Length(len(journey.modules), len(journey.functions), len(journey.switches))


@pytest.mark.django_db
def test_an_order_is_taken_in_few_steps():
    found = length(trace_order())

    assert all(step <= most for step, most in zip(found, ORDER_AT_MOST, strict=True)), found


@pytest.mark.django_db
def test_a_night_passes_in_few_steps():
    found = length(trace_night())

    assert all(step <= most for step, most in zip(found, NIGHT_AT_MOST, strict=True)), found


def test_each_call_counts_and_only_one_into_another_module_is_a_switch():
    friday = date(2025, 11, 7)

    journey = traced(lambda: Promised(friday, add_working_days(friday, 1)).from_on)

    calendar, promised = "backorders.engine.working_days", "backorders.engine.promising.supply_curve"
    day, works = Call(calendar, "add_working_days"), Call(calendar, "_works")
    said = Call(promised, "Promised.from_on")
    assert journey.calls == [day, works, works, works, works, said]
    assert journey.functions == {day, works, said}
    assert journey.switches == [day, said]
