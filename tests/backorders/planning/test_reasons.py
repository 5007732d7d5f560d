from datetime import date, timedelta

import pytest

from backorders.enums import BackorderReason, EventKind
from backorders.errors import OrderRefused
from backorders.models import LineEvent
from backorders.orders.intake import NewLine, NewOrder, place_orders
from backorders.planning.reasons import correct_reason, likely_reasons
from tests.backorders.forecast_rows import forecast_rows
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    StockEntryFactory,
    StockLevelFactory,
    WarehouseFactory,
)
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


def history(product, *units_a_month: int) -> None:
    """Shipped orders, the last figure for the month that ends now."""
    customer = CustomerFactory()
    orders = [
        NewOrder(
            source="history",
            external_number=f"{product.sku}-{months_ago}",
            customer_id=customer.pk,
            lines=(NewLine(product_id=product.pk, quantity=units, shipped=units),),
            placed_at=MONDAY - months_ago * MONTH - timedelta(days=15),
        )
        for months_ago, units in enumerate(reversed(units_a_month))
    ]
    place_orders(orders=orders, by=None, now=MONDAY, acknowledge=False)


def reason_for(product) -> BackorderReason:
    return likely_reasons({product.pk: 5}, now=MONDAY)[product.pk]


def test_a_late_purchase_order_is_the_suppliers_delay():
    product = ProductFactory()
    PurchaseOrderLineFactory(
        purchase_order=PurchaseOrderFactory(status="sent", ordered_on=date(2025, 9, 1)),
        product=product,
        requested_on=date(2025, 10, 30),
    )

    assert reason_for(product) == BackorderReason.SUPPLIER_DELAY


def test_a_late_purchase_order_that_would_not_have_been_enough_explains_nothing():
    product = ProductFactory()
    PurchaseOrderLineFactory(
        purchase_order=PurchaseOrderFactory(status="sent", ordered_on=date(2025, 9, 1)),
        product=product,
        ordered=10,
        requested_on=date(2025, 10, 30),
    )

    assert [likely_reasons({product.pk: units}, now=MONDAY)[product.pk] for units in (10, 11)] == [
        BackorderReason.SUPPLIER_DELAY,
        BackorderReason.UNKNOWN,
    ]

    order_for({product: 6})

    assert reason_for(product) == BackorderReason.UNKNOWN


def test_a_date_that_was_changed_leaves_the_supplier_late_by_its_first_word():
    product = ProductFactory()
    PurchaseOrderLineFactory(
        purchase_order=PurchaseOrderFactory(status="confirmed", ordered_on=date(2025, 9, 1)),
        product=product,
        first_confirmed_on=date(2025, 10, 20),
        confirmed_on=date(2025, 12, 1),
    )

    assert reason_for(product) == BackorderReason.SUPPLIER_DELAY


def test_stock_that_was_not_there_when_counted_is_a_data_error():
    level = StockLevelFactory(on_hand=5)
    StockEntryFactory(stock_level=level, delta=-5, kind="count", made_at=MONDAY - timedelta(days=3))

    assert reason_for(level.product) == BackorderReason.DATA_ERROR


@pytest.mark.parametrize(
    ("months", "reason"),
    [
        ((10,) * 12 + (30,), BackorderReason.HIGH_DEMAND),
        ((30,) + (10,) * 11 + (40,), BackorderReason.SEASONAL),
        ((10,) * 12 + (15,), BackorderReason.UNKNOWN),
        ((10, 30), BackorderReason.UNKNOWN),
    ],
)
def test_demand_tells_a_peak_from_a_season(months, reason):
    product = ProductFactory()
    history(product, *months)

    assert reason_for(product) == reason


@pytest.mark.parametrize(
    ("missing", "seasonal_index", "reason"),
    [
        (34, 1, BackorderReason.HIGH_DEMAND),
        (33, 1, BackorderReason.UNKNOWN),
        (33, 1.5, BackorderReason.SEASONAL),
        (22, 1.5, BackorderReason.UNKNOWN),
    ],
)
def test_a_forecast_says_what_is_more_than_usual_in_a_lead_time(missing, seasonal_index, reason):
    """The forecast's P90 over the lead time is 33 units."""
    product = ProductFactory()
    forecast_rows(product, WarehouseFactory(), seasonal_index=seasonal_index)

    assert likely_reasons({product.pk: missing}, now=MONDAY)[product.pk] == reason


def test_a_person_knows_better_and_the_timeline_says_so():
    line, staff = order_for({ProductFactory(): 1}).lines.get(), StaffFactory()

    correct_reason(line_id=line.pk, reason=BackorderReason.HIGH_DEMAND, by=staff, now=MONDAY)

    event = LineEvent.objects.get(kind=EventKind.REASON_CORRECTED)
    assert (event.note, event.made_by) == ("Unknown → High demand", staff)
    with pytest.raises(OrderRefused, match="needs a reason"):
        correct_reason(line_id=line.pk, reason="", by=staff, now=MONDAY)
