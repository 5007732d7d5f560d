from datetime import date, timedelta

import pytest

from backorders.enums import OverrideKind, RunKind
from backorders.errors import CannotOverride
from backorders.fulfilment.ship import pick_order
from backorders.models import Allocation, LineEvent, OrderLine
from backorders.runs.allocate_stock import allocate_stock
from backorders.runs.overrides.outcomes import Wish
from backorders.runs.overrides.override import end_override, override_line
from backorders.runs.overrides.preview import preview_override
from inventory.errors import ReasonMissing
from notifications.models import Message
from tests.backorders.guarded import a_contested_pool
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, StockEntryFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)
NEXT_WEEK = date(2025, 11, 10)


def wish(line: OrderLine, kind: OverrideKind, **values) -> Wish:
    return Wish(line_id=line.pk, kind=kind, reason="Promised by phone", **values)


def do(line: OrderLine, kind: OverrideKind, **values):
    return override_line(wish=wish(line, kind, **values), by=StaffFactory(), now=NOON)


def undo(override) -> None:
    end_override(override_id=override.pk, reason="Settled", by=None, now=NOON)


def run(policy: str = "customer-importance", now=NOON) -> None:
    allocate_stock(kind=RunKind.MANUAL, policy_code=policy, now=now)


def held(*lines: OrderLine) -> list[int]:
    for line in lines:
        line.refresh_from_db()
    return [line.allocated for line in lines]


def kinds(line: OrderLine) -> dict[str, int]:
    return dict(Allocation.objects.active().filter(line=line).values_list("kind", "quantity"))


def events(line: OrderLine) -> list[tuple[str, int, str]]:
    rows = LineEvent.objects.filter(line=line).order_by("-pk")
    return list(rows.values_list("kind", "quantity", "note")[:1])


def test_pinned_units_stay_with_their_line_whatever_the_policy_and_undone_they_go_by_the_queue_again():
    _, basic, platinum = a_contested_pool()

    pin = do(basic, OverrideKind.PIN, units=3)
    assert events(basic) == [("pinned", 3, "Promised by phone")]
    run()
    assert (held(basic, platinum), kinds(basic)) == ([3, 2], {"pinned": 3})

    undo(pin)
    assert (held(basic, platinum), kinds(basic)) == ([5, 0], {"soft": 5})
    run()
    assert held(basic, platinum) == [0, 5]


def test_a_pin_takes_free_units_and_the_customer_hears_of_them():
    level, _, platinum = a_contested_pool()
    StockEntryFactory(stock_level=level, delta=4)

    do(platinum, OverrideKind.PIN, units=4)

    assert held(platinum) == [4]
    assert Message.objects.filter(kind="goods_allocated", aggregate=f"order:{platinum.order_id}").count() == 1


def test_more_than_the_line_holds_and_is_free_cannot_be_pinned():
    _, basic, platinum = a_contested_pool()

    with pytest.raises(CannotOverride, match="Only 0 units can be pinned"):
        do(platinum, OverrideKind.PIN, units=1)
    with pytest.raises(CannotOverride, match="5 units of the line are not fixed yet: 6 cannot"):
        do(basic, OverrideKind.PIN, units=6)


def test_a_held_line_is_left_out_until_its_day():
    level, basic, platinum = a_contested_pool()
    StockEntryFactory(stock_level=level, delta=5)

    hold = do(platinum, OverrideKind.HOLD, until=NEXT_WEEK)
    assert events(platinum) == [("held", 0, "until 10 Nov 2025: Promised by phone")]
    run()
    assert held(basic, platinum) == [5, 0]

    undo(hold)
    assert held(platinum) == [5]


def test_a_held_line_takes_part_again_on_its_day():
    level, _, platinum = a_contested_pool()
    do(platinum, OverrideKind.HOLD, until=NEXT_WEEK)
    StockEntryFactory(stock_level=level, delta=5)

    run(now=NOON + timedelta(days=7))

    assert held(platinum) == [5]
    do_again = wish(platinum, OverrideKind.HOLD, until=NEXT_WEEK + timedelta(days=7))
    override_line(wish=do_again, by=None, now=NOON + timedelta(days=7))


def test_a_line_that_is_held_and_gives_back_serves_the_next_one():
    _, basic, platinum = a_contested_pool()

    do(basic, OverrideKind.HOLD, until=NEXT_WEEK, gives_back=True)

    assert held(basic, platinum) == [0, 5]
    assert Message.objects.filter(kind="backorder_opened", aggregate=f"order:{basic.order_id}").count() == 1


def test_a_line_that_was_set_holds_neither_more_nor_less():
    level, basic, platinum = a_contested_pool()

    fixed = do(basic, OverrideKind.SET, units=2)
    StockEntryFactory(stock_level=level, delta=10)
    run()

    assert (held(basic, platinum), kinds(basic)) == ([2, 5], {"pinned": 2})
    undo(fixed)
    assert held(basic) == [5]


def test_units_move_from_one_customer_to_another_and_back():
    _, basic, platinum = a_contested_pool()

    moved = do(platinum, OverrideKind.MOVE, units=2, from_line_id=basic.pk)
    run("order-date")

    assert (held(basic, platinum), kinds(platinum)) == ([3, 2], {"pinned": 2})
    assert Message.objects.filter(kind="goods_allocated", aggregate=f"order:{platinum.order_id}").count() == 1
    undo(moved)
    run("order-date")
    assert held(basic, platinum) == [5, 0]
    assert events(basic)[0][0] == "moved_here"


def test_a_move_is_not_undone_once_the_units_are_picked():
    _, basic, platinum = a_contested_pool()
    moved = do(platinum, OverrideKind.MOVE, units=2, from_line_id=basic.pk)
    pick_order(order_id=platinum.order_id, by=None, now=NOON)

    with pytest.raises(CannotOverride, match="Only 0 of the moved units can be moved back"):
        undo(moved)


@pytest.mark.parametrize(
    ("kind", "values", "refusal"),
    [
        (OverrideKind.HOLD, {"until": MONDAY.date()}, "a date after today"),
        (OverrideKind.HOLD, {}, "a date after today"),
        (OverrideKind.SET, {"units": 6}, "Enter 0 to 5 units"),
        (OverrideKind.MOVE, {"units": 1}, "Choose the line that gives up units"),
        (OverrideKind.PIN, {"units": 0}, "0 cannot be given"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(kind, values, refusal):
    _, basic, _ = a_contested_pool()

    with pytest.raises(CannotOverride, match=refusal):
        do(basic, kind, **values)
    assert (kinds(basic), basic.overrides.count()) == ({"soft": 5}, 0)


def test_a_line_of_another_queue_gives_nothing_and_more_than_it_holds_is_refused():
    _, basic, platinum = a_contested_pool()
    _, other, _ = a_contested_pool("DRILL-1")

    with pytest.raises(CannotOverride, match="belongs to another product"):
        do(platinum, OverrideKind.MOVE, units=1, from_line_id=other.pk)
    with pytest.raises(CannotOverride, match="units of the line are missing: 9 cannot"):
        do(platinum, OverrideKind.MOVE, units=9, from_line_id=basic.pk)


def test_an_override_has_a_reason_and_is_undone_once():
    _, basic, _ = a_contested_pool()
    pin = do(basic, OverrideKind.PIN, units=1)
    undo(pin)

    with pytest.raises(CannotOverride, match="already undone"):
        undo(pin)
    with pytest.raises(ReasonMissing):
        override_line(wish=Wish(basic.pk, OverrideKind.PIN, reason=" ", units=1), by=None, now=NOON)


def test_the_preview_says_who_gets_more_or_less_and_writes_nothing():
    level, basic, platinum = a_contested_pool()
    late = order_for({level.product: 2}).lines.get()

    effects = preview_override(wish=wish(platinum, OverrideKind.MOVE, units=4, from_line_id=basic.pk), now=NOON)

    assert [(effect.line, effect.holds, effect.without, effect.with_it) for effect in effects] == [
        (basic, 5, 5, 1),
        (platinum, 0, 0, 4),
    ]
    assert (effects[0].date_without, effects[0].date_with) == (MONDAY.date(), None)
    assert held(basic, platinum, late) == [5, 0, 0]
