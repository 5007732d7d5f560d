"""What happens to a fact whose run finds a row held by somebody else for too long."""

from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from backorders.fulfilment.receive import receive_goods
from backorders.models import AllocationRun, OrderLine
from backorders.runs.allocate_stock import continue_runs
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, PurchaseOrderLineFactory

HOUR = timedelta(hours=1)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_receipt_stands_when_its_run_has_to_wait_too_long_and_the_sweep_finishes_the_run():
    expected = PurchaseOrderLineFactory(ordered=10)
    line = order_for({expected.product: 4}).lines.get()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")

    with transaction.atomic(using="owner"), connections["owner"].cursor() as somebody:
        somebody.execute("SELECT FROM backorders_orderline WHERE id = %s FOR UPDATE", [line.pk])
        receipt = receive_goods(
            purchase_order_id=expected.purchase_order_id,
            reference="DN-1",
            quantities={expected.pk: 10},
            by=None,
            now=MONDAY + HOUR,
        )

    run = AllocationRun.objects.get()
    assert (receipt.reference, run.status) == ("DN-1", "running")
    assert OrderLine.objects.get().allocated == 0
    assert continue_runs(now=MONDAY + 2 * HOUR) == [run.pk]
    assert OrderLine.objects.get().allocated == 4
