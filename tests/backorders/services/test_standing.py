from datetime import timedelta

import pytest

from backorders.models import OrderLine
from backorders.services.standing import product_queues, standings
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, StockLevelFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_line_knows_its_place_and_who_before_it_lacks_units():
    level = StockLevelFactory(on_hand=5)
    filled, short, last = (
        order_for({level.product: units}, now=MONDAY + n * HOUR).lines.get() for n, units in enumerate((4, 3, 2))
    )

    place = standings(line_ids=[last.pk], now=MONDAY + 4 * HOUR)[last.pk]

    assert (place.rank, place.queue_length, place.units_ahead) == (3, 3, 2)
    assert [line.id for line in place.ahead] == [short.pk]
    assert filled.missing == 0


def test_closed_lines_have_no_place():
    assert standings(line_ids=list(OrderLine.objects.values_list("pk", flat=True)), now=MONDAY) == {}


def test_the_queue_of_a_product_is_in_the_order_of_service():
    level = StockLevelFactory()
    late = order_for({level.product: 1}, now=MONDAY + HOUR).lines.get()
    early = order_for({level.product: 1}, now=MONDAY + 2 * HOUR, placed_at=MONDAY).lines.get()

    queues = product_queues(product_id=level.product_id, now=MONDAY + 3 * HOUR)

    assert [line.id for line in queues[level.warehouse_id]] == [early.pk, late.pk]
