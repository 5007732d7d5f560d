from datetime import date, timedelta

import pytest

from backorders.errors import DemandNotMarked
from backorders.fulfilment.ship import pick_order, ship
from backorders.fulfilment.stock_corrections import return_goods
from backorders.models import DemandWeek
from backorders.orders.cancel import cancel_line
from backorders.orders.intake import NewLine, NewOrder, place_order
from backorders.planning.demand import count_demand, mark_demand
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
WEEK = date(2025, 11, 3)


def units() -> list[tuple[date, int, int]]:
    return list(DemandWeek.objects.order_by("starts_on").values_list("starts_on", "ordered", "lines"))


def test_demand_is_what_was_ordered_whether_it_could_be_filled_or_not():
    level = StockLevelFactory(on_hand=2)
    order_for({level.product: 5})
    order_for({level.product: 3}, now=MONDAY + timedelta(days=6))

    count_demand(now=MONDAY)

    assert units() == [(WEEK, 8, 2)]


def test_demand_counts_in_the_week_in_which_the_customer_wants_the_goods():
    product = ProductFactory()
    line = NewLine(product_id=product.pk, quantity=4, requested_on=date(2025, 11, 19))
    new = NewOrder(
        customer_id=CustomerFactory().pk, lines=(line,), source="test", external_number="W-1", placed_at=MONDAY
    )
    place_order(order=new, by=None, now=MONDAY)

    count_demand(now=MONDAY)

    assert units() == [(date(2025, 11, 17), 4, 1)]


def test_units_cancelled_while_they_waited_were_wanted_those_of_the_same_day_were_a_mistake():
    product = ProductFactory()
    waited = order_for({product: 5}).lines.get()
    mistaken = order_for({product: 7}).lines.get()
    cancel_line(line_id=waited.pk, quantity=5, by=None, now=MONDAY + timedelta(days=3))
    cancel_line(line_id=mistaken.pk, quantity=6, by=None, now=MONDAY + timedelta(hours=2))

    count_demand(now=MONDAY)

    assert units() == [(WEEK, 6, 2)]


def test_a_return_changes_no_demand():
    level = StockLevelFactory(on_hand=9)
    order = order_for({level.product: 5})
    for shipment in pick_order(order_id=order.pk, by=None, now=MONDAY):
        ship(shipment_id=shipment.pk, by=None, now=MONDAY)
    line = order.lines.get()
    return_goods(line_id=line.pk, quantity=2, reason="Too big", key="r-1", by=staff_with(), now=MONDAY)

    count_demand(now=MONDAY)

    assert units() == [(WEEK, 5, 1)]


def test_counting_again_counts_only_what_is_new_and_twice_changes_nothing():
    product = ProductFactory()
    order_for({product: 5})

    assert count_demand(now=MONDAY) == 1
    assert count_demand(now=MONDAY) == 0

    order_for({product: 2}, now=MONDAY + timedelta(days=1))
    order_for({product: 3}, now=MONDAY + timedelta(days=8))
    assert count_demand(now=MONDAY + timedelta(days=1)) == 2
    assert units() == [(WEEK, 7, 2), (WEEK + timedelta(days=7), 3, 1)]


def test_counting_bit_by_bit_and_anew_give_the_same():
    product = ProductFactory()
    line = order_for({product: 5}).lines.get()
    count_demand(now=MONDAY)
    order_for({product: 4}, now=MONDAY + timedelta(days=9))
    cancel_line(line_id=line.pk, quantity=2, by=None, now=MONDAY + timedelta(hours=1))
    count_demand(now=MONDAY + timedelta(days=1))
    step_by_step = units()

    count_demand(now=MONDAY + timedelta(days=1), anew=True)

    assert units() == step_by_step == [(WEEK, 3, 1), (WEEK + timedelta(days=7), 4, 1)]


def test_a_marked_promotion_is_kept_but_not_learned_from():
    product = ProductFactory()
    order_for({product: 50})
    count_demand(now=MONDAY)
    level = DemandWeek.objects.get()

    week = mark_demand(
        product_id=product.pk,
        warehouse_id=level.warehouse_id,
        day=date(2025, 11, 6),
        mark="promotion",
        extra=40,
        note="Black week",
        by=staff_with(),
        now=MONDAY,
    )

    assert (week.ordered, week.usual) == (50, 10)
    order_for({product: 5})
    count_demand(now=MONDAY)
    week.refresh_from_db()
    assert (week.ordered, week.usual, week.note) == (55, 15, "Black week")


@pytest.mark.parametrize("extra", [0, 51])
def test_no_more_can_be_marked_than_was_wanted(extra):
    product = ProductFactory()
    order_for({product: 50})
    count_demand(now=MONDAY)
    warehouse_id = DemandWeek.objects.get().warehouse_id
    one_off = {"mark": "one_off", "extra": extra, "by": staff_with(), "now": MONDAY}

    with pytest.raises(DemandNotMarked, match="Mark from 1 to 50"):
        mark_demand(product_id=product.pk, warehouse_id=warehouse_id, day=WEEK, **one_off)
