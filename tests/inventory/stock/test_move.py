import pytest

from inventory.enums import StockKind
from inventory.errors import ConflictingRepeat, InvalidQuantity, NotEnoughStock, SameWarehouse
from inventory.models import StockEntry, StockLevel
from inventory.stock.move import StockMove, move_stock, pool_of, pools_of, transfer_stock
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory, WarehouseFactory

pytestmark = pytest.mark.django_db


def move(level, delta, key="count:1", kind=StockKind.ADJUSTMENT):
    return StockMove(level.pk, delta, kind, key, reason="Broken glass", reference="ADJ-1")


def book(*moves):
    return move_stock(moves=moves, by=None, now=MONDAY)


def on_hand(level):
    return StockLevel.objects.get(pk=level.pk).on_hand


def test_the_first_question_for_a_pool_makes_it():
    product, warehouse = ProductFactory(), WarehouseFactory()

    first = pool_of(product_id=product.pk, warehouse_id=warehouse.pk)
    second = pool_of(product_id=product.pk, warehouse_id=warehouse.pk)

    assert (first.pk, first.on_hand, first.reserved) == (second.pk, 0, 0)


def test_the_pools_of_several_products_are_found_or_made():
    known = StockLevelFactory(on_hand=3)
    product = ProductFactory()

    pools = pools_of(product_ids=[product.pk, known.product_id], warehouse_id=known.warehouse_id)

    made = StockLevel.objects.get(product=product)
    assert (pools, made.warehouse_id) == ({known.product_id: known.pk, product.pk: made.pk}, known.warehouse_id)


def test_a_move_is_a_ledger_entry_and_the_counter_follows():
    level = StockLevelFactory(on_hand=10)

    (entry,) = book(move(level, -3))

    assert (entry.delta, entry.kind, entry.reason, entry.reference) == (-3, "adjustment", "Broken glass", "ADJ-1")
    assert (entry.made_at, on_hand(level)) == (MONDAY, 7)


def test_moves_of_several_pools_are_returned_in_their_order():
    one, other = StockLevelFactory(on_hand=1), StockLevelFactory(on_hand=1)

    entries = book(move(other, 5, "b"), move(one, 6, "a"))

    assert [entry.delta for entry in entries] == [5, 6]
    assert (on_hand(one), on_hand(other)) == (7, 6)


def test_moving_stock_tells_that_the_supply_changed():
    level, untouched = StockLevelFactory(on_hand=10), StockLevelFactory()

    book(move(level, 1))
    level.product.refresh_from_db()
    untouched.product.refresh_from_db()

    assert (level.product.supply_version, untouched.product.supply_version) == (1, 0)


def test_the_same_fact_told_twice_is_booked_once():
    level = StockLevelFactory(on_hand=10)

    (first,) = book(move(level, -10))
    (second,) = book(move(level, -10))

    level.product.refresh_from_db()
    assert (first.pk, on_hand(level), level.product.supply_version) == (second.pk, 0, 1)


def test_the_same_fact_twice_in_one_call_is_booked_once():
    level = StockLevelFactory(on_hand=10)

    entries = book(move(level, -4), move(level, -4))

    assert (len({entry.pk for entry in entries}), on_hand(level)) == (1, 6)


@pytest.mark.parametrize("delta", [-3, 4])
def test_a_key_that_stands_for_another_move_is_refused(delta):
    level = StockLevelFactory(on_hand=10)
    book(move(level, -4))

    with pytest.raises(ConflictingRepeat, match=r"count:1 was booked before as Adjustment -4"):
        book(move(level, delta))

    assert on_hand(level) == 6


def test_a_key_of_another_kind_is_refused():
    level = StockLevelFactory(on_hand=10)
    book(move(level, -4))

    with pytest.raises(ConflictingRepeat):
        book(move(level, -4, kind=StockKind.COUNT))


def test_exactly_what_is_free_may_leave():
    level = StockLevelFactory(on_hand=10)

    book(move(level, -10))

    assert on_hand(level) == 0


def test_one_more_than_is_free_is_refused_and_named():
    level = StockLevelFactory(product__sku="SAW-1", on_hand=10)

    with pytest.raises(NotEnoughStock) as refusal:
        book(move(level, -11))

    assert str(refusal.value) == (
        "11 × SAW-1 were asked for in MAIN, but only 10 of 10 on hand are free: 1 are missing."
    )
    assert (on_hand(level), StockEntry.objects.count()) == (10, 1)


def test_what_an_order_holds_may_not_leave():
    level = StockLevelFactory(product__sku="SAW-1", on_hand=10)
    order_for({level.product: 7})

    with pytest.raises(NotEnoughStock, match="only 3 of 10 on hand are free: 1 are missing"):
        book(move(level, -4))

    assert on_hand(level) == 10


def test_what_no_order_holds_may_leave():
    level = StockLevelFactory(on_hand=10)
    order_for({level.product: 7})

    book(move(level, -3))

    assert on_hand(level) == 7


def test_moves_of_one_pool_are_judged_by_their_sum():
    level = StockLevelFactory(on_hand=10)

    book(move(level, -12, "out"), move(level, 5, "in"))

    assert on_hand(level) == 3


def test_one_refusal_books_none_of_the_moves():
    full, empty = StockLevelFactory(on_hand=10), StockLevelFactory()

    with pytest.raises(NotEnoughStock):
        book(move(full, -1, "a"), move(empty, -1, "b"))

    assert on_hand(full) == 10


@pytest.mark.parametrize("delta", [0, 1_000_001, -1_000_001])
def test_a_move_outside_the_bounds_is_refused(delta):
    with pytest.raises(InvalidQuantity, match="One move is from 1 to 1,000,000 units"):
        book(move(StockLevelFactory(), delta))


def test_the_largest_move_is_accepted():
    level = StockLevelFactory()

    book(move(level, 1_000_000))

    assert on_hand(level) == 1_000_000


def test_a_pool_has_a_ceiling():
    level = StockLevelFactory(product__sku="SAW-1")

    with pytest.raises(InvalidQuantity, match="SAW-1 in MAIN cannot hold more than 100,000,000"):
        book(*(move(level, 1_000_000, f"in:{n}") for n in range(101)))


def transfer(source, target, quantity, key="form-1"):
    return transfer_stock(
        product_id=source.product_id,
        from_warehouse_id=source.warehouse_id,
        to_warehouse_id=target.pk,
        quantity=quantity,
        reason="Nearer to the customer",
        key=key,
        by=None,
        now=MONDAY,
    )


def test_a_transfer_is_one_entry_out_and_one_in():
    source, north = StockLevelFactory(on_hand=10), WarehouseFactory(code="NORTH")

    out, into = transfer(source, north, 4)

    target = StockLevel.objects.get(product=source.product, warehouse=north)
    assert [(entry.delta, entry.kind, entry.reference) for entry in (out, into)] == [
        (-4, "transfer", "MAIN → NORTH"),
        (4, "transfer", "MAIN → NORTH"),
    ]
    assert (on_hand(source), target.on_hand) == (6, 4)


def test_a_transfer_sent_twice_moves_once():
    source, north = StockLevelFactory(on_hand=10), WarehouseFactory(code="NORTH")

    transfer(source, north, 10)
    transfer(source, north, 10)

    assert on_hand(source) == 0


def test_a_transfer_key_with_another_quantity_is_refused():
    source, north = StockLevelFactory(on_hand=10), WarehouseFactory(code="NORTH")
    transfer(source, north, 4)

    with pytest.raises(ConflictingRepeat):
        transfer(source, north, 5)


def test_only_free_units_are_transferred():
    source, north = StockLevelFactory(on_hand=3), WarehouseFactory(code="NORTH")

    with pytest.raises(NotEnoughStock, match="only 3 of 3 on hand are free: 1 are missing"):
        transfer(source, north, 4)

    assert StockLevel.objects.count() == 1


@pytest.mark.parametrize("quantity", [0, -1, 100_001])
def test_a_transfer_outside_the_bounds_is_refused(quantity):
    source, north = StockLevelFactory(on_hand=3), WarehouseFactory(code="NORTH")

    with pytest.raises(InvalidQuantity):
        transfer(source, north, quantity)


def test_a_transfer_to_where_the_goods_are_is_refused():
    source = StockLevelFactory(on_hand=3)

    with pytest.raises(SameWarehouse):
        transfer(source, source.warehouse, 1)
