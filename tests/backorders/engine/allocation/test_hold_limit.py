from datetime import date, timedelta

import pytest

from backorders.engine.allocation.hold_limit import HeldLine, orders_to_release

TODAY = date(2026, 3, 2)


def day(number):
    return TODAY + timedelta(days=number)


def released(*lines, hold_days=14):
    return list(orders_to_release(lines, today=TODAY, hold_days=hold_days))


def test_an_order_that_is_complete_keeps_its_parts():
    assert released(HeldLine(1, 7, 5, 5, None), HeldLine(2, 7, 3, 3, None)) == []


@pytest.mark.parametrize(("due", "kept"), [(0, True), (14, True), (15, False)])
def test_an_order_keeps_its_parts_when_the_rest_comes_within_the_limit(due, kept):
    lines = (HeldLine(1, 7, 5, 5, None), HeldLine(2, 7, 3, 1, day(due)))

    assert released(*lines) == ([] if kept else [(1, day(due)), (2, day(due))])


def test_the_last_line_decides_and_one_without_a_date_releases_the_order():
    parts = (HeldLine(1, 7, 5, 5, None), HeldLine(2, 7, 3, 1, day(3)))

    assert [line for line, _ in released(*parts, HeldLine(3, 7, 2, 0, day(30)))] == [1, 2, 3]
    assert released(*parts, HeldLine(3, 7, 2, 0, None)) == [(1, None), (2, None), (3, None)]
    assert released(*parts, HeldLine(3, 7, 2, 0, day(-1))) == [(1, None), (2, None), (3, None)]


def test_nothing_is_held_for_ever_even_when_the_rest_is_always_about_to_come():
    parts = (HeldLine(1, 7, 5, 5, None, day(-15)), HeldLine(2, 7, 3, 1, day(1), day(-15)))

    assert [line for line, _ in released(*parts)] == [1, 2]
    assert released(*parts, hold_days=15) == []


def test_orders_are_judged_each_for_itself():
    assert [line for line, _ in released(HeldLine(1, 7, 5, 1, None), HeldLine(2, 8, 5, 5, None))] == [1]
