from datetime import timedelta

import pytest

from backorders.models import OrderLine
from backorders.queue.place import product_queues, standings
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_line_knows_its_place_and_who_before_it_lacks_units():
    level = StockLevelFactory(on_hand=5)
    filled, short, last = (
        order_for({level.product: units}, now=MONDAY + n * HOUR).lines.get() for n, units in enumerate((4, 3, 2))
    )

    place = standings(line_ids=[last.pk], now=MONDAY + 4 * HOUR)[last.pk]

    assert (place.rank, place.queue_length, place.units_ahead) == (3, 3, 2)
    assert (place.lines_ahead, place.orders_ahead) == (1, [short.order_id])
    assert filled.missing == 0


def test_closed_lines_have_no_place():
    assert standings(line_ids=list(OrderLine.objects.values_list("pk", flat=True)), now=MONDAY) == {}


def test_the_queue_of_a_product_is_in_the_order_of_service():
    level = StockLevelFactory()
    late = order_for({level.product: 1}, now=MONDAY + HOUR).lines.get()
    early = order_for({level.product: 1}, now=MONDAY + 2 * HOUR, placed_at=MONDAY).lines.get()

    [queue] = product_queues(product_id=level.product_id, shown=2, now=MONDAY + 3 * HOUR)

    assert (queue.warehouse_id, queue.first) == (level.warehouse_id, [early.pk, late.pk])


def test_of_a_long_queue_the_first_lines_are_named_and_all_are_counted():
    level = StockLevelFactory(on_hand=3)
    first, *_ = (order_for({level.product: 2}, now=MONDAY + n * HOUR).lines.get() for n in range(3))

    [queue] = product_queues(product_id=level.product_id, shown=1, now=MONDAY + 3 * HOUR)

    assert queue == (level.warehouse_id, [first.pk], 3, 6, 3)


def test_each_warehouse_has_a_queue_of_its_own():
    level = StockLevelFactory()
    other = StockLevelFactory(product=level.product, warehouse=WarehouseFactory(code="NORTH"))
    lines = [
        order_for({level.product: 1}, now=MONDAY, warehouse_id=pool.warehouse_id).lines.get() for pool in (other, level)
    ]

    queues = product_queues(product_id=level.product_id, shown=5, now=MONDAY + HOUR)

    assert {queue.warehouse_id: queue.first for queue in queues} == {line.warehouse_id: [line.pk] for line in lines}


def test_nobody_is_ranked_where_too_many_wait(monkeypatch):
    level = StockLevelFactory()
    lines = [order_for({level.product: 1}, now=MONDAY).lines.get() for _ in range(3)]

    with monkeypatch.context() as patch:
        patch.setattr("backorders.queue.place.LOOKED_AT", 2)
        places = standings(line_ids=[lines[0].pk], now=MONDAY + HOUR)

    assert places == {}
