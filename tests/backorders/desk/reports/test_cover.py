import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from backorders.planning.demand import count_demand
from tests.backorders.demand_history import wanted_weekly
from tests.backorders.desk.desk import signed_in
from tests.factories.inventory import CategoryFactory, ProductFactory, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db
PAGE, LOOK = "/reports/cover/", "backorders.view_forecast"


def test_days_of_cover_are_free_units_by_the_mean_demand_of_thirteen_weeks(client):
    now = timezone.now()
    saw = ProductFactory(price=2, category=CategoryFactory(name="Saws"))
    StockLevelFactory(product=saw, warehouse=WarehouseFactory(code="MAIN"), on_hand=191)
    StockLevelFactory(product=ProductFactory(price=3, category=CategoryFactory(name="Dust")), on_hand=5)
    wanted_weekly(saw, [7] * 13, until=now - timedelta(days=now.weekday()))
    count_demand(now=now)

    answer = signed_in(client, LOOK).get(f"{PAGE}export.csv")

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1] == ["Dust", "EUR", "", "15.0000", "0.0", "1", *"00000", "1"]
    # 191 on hand, 91 owed, one wanted a day
    assert rows[2] == ["Saws", "EUR", "100.0", "200.0000", "2.0", "1", *"00001", "0"]


def test_the_page_takes_one_query_for_its_figures_and_needs_the_permission(client, django_assert_num_queries):
    signed_in(client, LOOK)
    for _ in range(3):
        StockLevelFactory(on_hand=4)
        with django_assert_num_queries(5):
            client.get(PAGE)
    assert signed_in(client, "backorders.view_orderline").get(PAGE).status_code == 403
