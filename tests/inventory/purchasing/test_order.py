from datetime import date
from decimal import Decimal

import pytest

from inventory.enums import PurchaseOrderStatus
from inventory.errors import (
    ConflictingRepeat,
    InvalidDate,
    InvalidQuantity,
    NotActive,
    PurchaseOrderMoveNotAllowed,
    WrongLine,
)
from inventory.models import PurchaseOrder
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.suppliers.send import send_purchase_order
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    SupplierFactory,
    SupplierProductFactory,
    WarehouseFactory,
)

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()


def order(supplier, *lines, **more):
    return create_purchase_order(
        supplier_id=supplier.pk, warehouse_id=WarehouseFactory().pk, lines=lines, by=None, now=MONDAY, **more
    )


def test_a_purchase_order_starts_as_a_numbered_draft():
    saw = ProductFactory()

    purchase_order = order(SupplierFactory(), NewPurchaseLine(saw.pk, 10, date(2025, 11, 17), Decimal("9.90")))

    line = purchase_order.lines.get()
    assert (purchase_order.status, purchase_order.ordered_on, purchase_order.created_at) == ("draft", None, MONDAY)
    assert purchase_order.number.startswith("PO-")
    assert (line.number, line.product, line.ordered, line.requested_on) == (1, saw, 10, date(2025, 11, 17))
    assert (line.cost, line.received, line.cancelled) == (Decimal("9.90"), 0, 0)


def test_two_orders_get_two_numbers():
    supplier, saw = SupplierFactory(), ProductFactory()

    first, second = (order(supplier, NewPurchaseLine(saw.pk, 1)) for _ in range(2))

    assert first.number != second.number


def test_the_cost_comes_from_the_offer_and_else_from_the_product():
    offer = SupplierProductFactory(cost=Decimal("8.10"))
    other = ProductFactory(cost=Decimal("3.30"))

    purchase_order = order(offer.supplier, NewPurchaseLine(offer.product_id, 1), NewPurchaseLine(other.pk, 1))

    costs = purchase_order.lines.order_by("number").values_list("cost", flat=True)
    assert list(costs) == [Decimal("8.10"), Decimal("3.30")]


@pytest.mark.parametrize(("percent", "tolerance"), [(0, 0), (5, 4), (10, 9), (100, 99)])
def test_the_tolerance_is_the_suppliers_percentage_rounded_down(percent, tolerance):
    supplier = SupplierFactory(over_receipt_percent=percent)

    purchase_order = order(supplier, NewPurchaseLine(ProductFactory().pk, 99))

    assert purchase_order.lines.get().tolerance == tolerance


def test_the_same_number_and_content_is_the_same_order():
    supplier, line = SupplierFactory(), NewPurchaseLine(ProductFactory().pk, 10)

    first = order(supplier, line, number="4711-A")
    second = order(supplier, line, number=" 4711-a ")

    assert (first.pk, PurchaseOrder.objects.count()) == (second.pk, 1)


def test_the_same_number_with_other_content_is_refused():
    supplier, saw = SupplierFactory(), ProductFactory()
    order(supplier, NewPurchaseLine(saw.pk, 10), number="4711")

    with pytest.raises(ConflictingRepeat, match="4711 already exists with different content"):
        order(supplier, NewPurchaseLine(saw.pk, 11), number="4711")


def test_a_form_that_is_sent_twice_makes_one_order():
    supplier, line = SupplierFactory(), NewPurchaseLine(ProductFactory().pk, 10)

    first = order(supplier, line, key="form-1")
    second = order(supplier, line, key="form-1")

    assert first.pk == second.pk


def test_orders_without_a_key_do_not_collide():
    supplier, line = SupplierFactory(), NewPurchaseLine(ProductFactory().pk, 10)

    order(supplier, line)
    order(supplier, line)

    assert PurchaseOrder.objects.count() == 2


def test_an_order_without_lines_is_refused():
    with pytest.raises(InvalidQuantity, match="has no lines"):
        order(SupplierFactory())


def test_an_inactive_supplier_is_refused():
    with pytest.raises(NotActive, match="Nordwerk is no longer active"):
        order(SupplierFactory(name="Nordwerk", active=False), NewPurchaseLine(ProductFactory().pk, 1))


def test_an_inactive_product_is_refused():
    with pytest.raises(NotActive, match="SAW-OLD is no longer active"):
        order(SupplierFactory(), NewPurchaseLine(ProductFactory(sku="SAW-OLD", active=False).pk, 1))


def test_an_unknown_product_is_refused():
    with pytest.raises(WrongLine, match="no product with id 0"):
        order(SupplierFactory(), NewPurchaseLine(0, 1))


@pytest.mark.parametrize("quantity", [0, -1, 100_001])
def test_a_quantity_outside_the_bounds_is_refused(quantity):
    with pytest.raises(InvalidQuantity, match="Order from 1 to 100,000 × SAW-1"):
        order(SupplierFactory(), NewPurchaseLine(ProductFactory(sku="SAW-1").pk, quantity))


def test_the_largest_quantity_is_accepted():
    purchase_order = order(SupplierFactory(), NewPurchaseLine(ProductFactory().pk, 100_000))

    assert purchase_order.lines.get().ordered == 100_000


def test_goods_cannot_be_requested_for_yesterday():
    with pytest.raises(InvalidDate, match="SAW-1 cannot be requested for 2 Nov 2025"):
        order(SupplierFactory(), NewPurchaseLine(ProductFactory(sku="SAW-1").pk, 1, date(2025, 11, 2)))


def test_goods_may_be_requested_for_today():
    purchase_order = order(SupplierFactory(), NewPurchaseLine(ProductFactory().pk, 1, TODAY))

    assert purchase_order.lines.get().requested_on == TODAY


def test_an_order_entered_later_may_have_been_due_before_today():
    line = NewPurchaseLine(ProductFactory().pk, 1, date(2025, 10, 20))

    purchase_order = order(SupplierFactory(), line, ordered_on=date(2025, 10, 6))

    assert purchase_order.ordered_on == date(2025, 10, 6)


def test_an_order_cannot_be_placed_tomorrow():
    with pytest.raises(InvalidDate, match="that date is in the future"):
        order(SupplierFactory(), NewPurchaseLine(ProductFactory().pk, 1), ordered_on=date(2025, 11, 4))


def test_sending_makes_the_lines_incoming_supply():
    line = PurchaseOrderLineFactory(purchase_order__status=PurchaseOrderStatus.DRAFT, purchase_order__ordered_on=None)

    sent = send_purchase_order(purchase_order_id=line.purchase_order_id, by=None, now=MONDAY)

    line.product.refresh_from_db()
    assert (sent.status, sent.ordered_on, sent.sent_at) == ("sent", TODAY, MONDAY)
    assert line.product.supply_version == 1


def test_sending_keeps_the_day_it_was_ordered():
    draft = PurchaseOrderFactory(status=PurchaseOrderStatus.DRAFT, ordered_on=date(2025, 10, 6))

    sent = send_purchase_order(purchase_order_id=draft.pk, by=None, now=MONDAY)

    assert sent.ordered_on == date(2025, 10, 6)


@pytest.mark.parametrize("status", [status for status in PurchaseOrderStatus if status != "draft"])
def test_only_a_draft_is_sent(status):
    purchase_order = PurchaseOrderFactory(number="PO-1", status=status)

    with pytest.raises(PurchaseOrderMoveNotAllowed, match=f"PO-1 is {status.label.lower()}: only a draft can be sent"):
        send_purchase_order(purchase_order_id=purchase_order.pk, by=None, now=MONDAY)
