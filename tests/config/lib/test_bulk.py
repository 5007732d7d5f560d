from datetime import date
from decimal import Decimal

import pytest

from config.lib.bulk import update_rows
from inventory.models import PurchaseOrderLine
from tests.factories.inventory import PurchaseOrderLineFactory

pytestmark = pytest.mark.django_db


def test_only_the_named_fields_of_the_given_rows_are_written(django_assert_num_queries):
    one, other, third = (PurchaseOrderLineFactory(ordered=5, cost=Decimal(7)) for _ in range(3))
    one.requested_on, one.cost = date(2026, 2, 28), Decimal("1.25")
    other.requested_on, other.ordered = None, 900

    with django_assert_num_queries(1):
        update_rows([one, other], ["requested_on", "cost"])

    rows = PurchaseOrderLine.objects.order_by("pk").values_list("requested_on", "cost", "ordered")
    assert list(rows) == [
        (date(2026, 2, 28), Decimal("1.25"), 5),
        (None, Decimal(7), 5),
        (third.requested_on, Decimal(7), 5),
    ]


def test_without_rows_nothing_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        update_rows([], ["cost"])
