"""What the form shows while typing must be what the order then gets."""

from datetime import date, timedelta
from itertools import count
from random import Random

import pytest

from backorders.enums import PromiseSource
from backorders.errors import BackorderRefused
from backorders.fulfilment.receive import receive_goods
from backorders.models import AllocationPolicy, OrderLine, Promise, SalesOrder
from backorders.orders.intake import NewLine, NewOrder, place_order
from backorders.orders.preview import preview_arrival, preview_order
from backorders.runs.policies import choose_default_policy
from inventory.models import Product
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderFactory,
    PurchaseOrderLineFactory,
    StockLevelFactory,
    SupplierProductFactory,
    WarehouseFactory,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOON = MONDAY + 3 * HOUR
_keys = count(1)


def previewed(customer, lines, warehouse=None):
    previews = preview_order(
        lines=lines, customer_id=customer.pk, warehouse_id=warehouse.pk if warehouse else None, now=NOON
    )
    return [(row.open, row.allocated, row.warehouse_id, row.promised_on, row.source, row.reference) for row in previews]


def placed(customer, lines, warehouse=None):
    new = NewOrder(
        source="desk",
        external_number=f"K{next(_keys)}",
        customer_id=customer.pk,
        warehouse_id=warehouse.pk if warehouse else None,
        lines=tuple(lines),
        placed_at=NOON,
    )
    order = place_order(order=new, by=None, now=NOON)
    return [
        (line.open, line.allocated, line.warehouse_id, line.promised_on, line.promise_source, _reference(line))
        for line in order.lines.order_by("number")
    ]


def _reference(line):
    return Promise.objects.filter(line=line).latest("pk").source_reference


def test_the_preview_writes_nothing():
    level = StockLevelFactory(on_hand=3)

    preview_order(
        lines=[NewLine(product_id=level.product_id, quantity=5)], customer_id=None, warehouse_id=None, now=NOON
    )

    level.refresh_from_db()
    assert (SalesOrder.objects.count(), level.reserved) == (0, 0)


def test_part_comes_from_stock_and_the_rest_with_the_purchase_order():
    level = StockLevelFactory(on_hand=3)
    PurchaseOrderLineFactory(
        product=level.product, purchase_order__number="PO-512", ordered=10, confirmed_on=date(2025, 11, 20)
    )
    lines = [NewLine(product_id=level.product_id, quantity=8)]
    customer = CustomerFactory()

    seen = previewed(customer, lines)

    assert seen == [(8, 3, level.warehouse_id, date(2025, 11, 20), PromiseSource.PURCHASE_ORDER, "PO-512")]
    assert placed(customer, lines) == seen


def test_a_line_that_takes_no_backorders_is_told_why_before_anything_is_placed():
    level = StockLevelFactory(on_hand=5, product__sku="SAW-204", product__backorder_policy="deny")
    lines = [NewLine(product_id=level.product_id, quantity=8)]
    customer = CustomerFactory()

    [row] = preview_order(lines=lines, customer_id=customer.pk, warehouse_id=None, now=NOON)

    assert row.refused == "5 of 8 × SAW-204 can be allocated now, and this product cannot be backordered."
    with pytest.raises(BackorderRefused) as refusal:
        placed(customer, lines)
    assert refusal.value.by_line == {"1": row.refused}


def test_what_is_wrong_in_itself_is_told_at_its_line_only():
    old, level = ProductFactory(sku="OLD", active=False), StockLevelFactory(on_hand=5)
    lines = [NewLine(product_id=old.pk, quantity=1), NewLine(product_id=level.product_id, quantity=1)]

    first, second = preview_order(lines=lines, customer_id=None, warehouse_id=None, now=NOON)

    assert (first.refused, second.refused, second.allocated) == ("OLD is no longer sold.", "", 1)


def test_a_customer_of_the_first_tier_overtakes_where_the_policy_looks_at_tiers():
    choose_default_policy(policy_id=AllocationPolicy.objects.get(code="customer-importance").pk, by=None, now=MONDAY)
    level = StockLevelFactory()
    order_for({level.product: 4}, customer=CustomerFactory(tier=CustomerTierFactory(code="basic")))
    PurchaseOrderLineFactory(product=level.product, ordered=4, confirmed_on=date(2025, 11, 20))
    first = CustomerFactory(tier=CustomerTierFactory(code="platinum"))
    lines = [NewLine(product_id=level.product_id, quantity=4)]

    seen = previewed(first, lines)

    assert seen[0][3:5] == (date(2025, 11, 20), PromiseSource.PURCHASE_ORDER)
    assert placed(first, lines) == seen


@pytest.mark.parametrize("seed", range(12))
def test_whatever_waits_already_the_order_gets_what_the_preview_said(seed):
    chance = Random(seed)
    warehouses = [WarehouseFactory(), WarehouseFactory(code="NORTH", preference=2)]
    customers = [CustomerFactory(tier=CustomerTierFactory(code=code)) for code in ("platinum", "standard", "basic")]
    products = [_stocked(chance, warehouses) for _ in range(3)]
    policies = list(AllocationPolicy.objects.order_by("pk"))
    choose_default_policy(policy_id=chance.choice(policies).pk, by=None, now=MONDAY)
    for number in range(5):
        wanted = {product: chance.randint(1, 9) for product in chance.sample(products, 2)}
        order_for(wanted, customer=chance.choice(customers), now=MONDAY + number * timedelta(minutes=9))
    lines = [
        NewLine(product_id=chance.choice(products).pk, quantity=chance.randint(1, 14))
        for _ in range(chance.randint(1, 4))
    ]
    customer, warehouse = chance.choice(customers), chance.choice([None, *warehouses])

    seen = previewed(customer, lines, warehouse)

    assert placed(customer, lines, warehouse) == seen


def _stocked(chance: Random, warehouses) -> Product:
    product = ProductFactory(pack_size=chance.choice([1, 1, 3]))
    for warehouse in warehouses:
        StockLevelFactory(product=product, warehouse=warehouse, on_hand=chance.randint(0, 12))
    if chance.random() < 0.7:
        day = MONDAY.date() + timedelta(days=chance.randint(-3, 20))
        PurchaseOrderLineFactory(
            product=product, ordered=chance.randint(1, 15), confirmed_on=day, purchase_order__warehouse=warehouses[0]
        )
    if chance.random() < 0.5:
        SupplierProductFactory(product=product)
    return product


def test_an_arrival_that_serves_another_policy_names_who_loses():
    level = StockLevelFactory(on_hand=4)
    tiers = [CustomerFactory(tier=CustomerTierFactory(code=code)) for code in ("basic", "platinum")]
    order_for({level.product: 4}, customer=tiers[0])
    order_for({level.product: 5}, customer=tiers[1], now=MONDAY + HOUR)
    choose_default_policy(policy_id=AllocationPolicy.objects.get(code="customer-importance").pk, by=None, now=NOON)

    previews = preview_arrival(quantities={level.product_id: 3}, warehouse_id=level.warehouse_id, now=NOON)

    assert [(row.rank, row.gain) for row in previews[level.product_id]] == [(1, 5), (2, -2)]


def test_an_arrival_serves_whom_the_preview_named():
    level = StockLevelFactory(on_hand=2)
    for number, units in enumerate((5, 4, 6)):
        order_for({level.product: units}, now=MONDAY + number * HOUR)
    purchase_order = PurchaseOrderFactory()
    line = PurchaseOrderLineFactory(purchase_order=purchase_order, product=level.product, ordered=8)

    previews = preview_arrival(quantities={level.product_id: 8}, warehouse_id=level.warehouse_id, now=NOON)
    expected = {row.line.id: row.would_hold for row in previews[level.product_id]}
    receive_goods(purchase_order_id=purchase_order.pk, reference="DN-1", quantities={line.pk: 8}, by=None, now=NOON)

    held = dict(OrderLine.objects.order_by("pk").values_list("pk", "allocated"))
    assert list(held.values()) == [5, 4, 1]
    assert held == expected
