from datetime import timedelta

import pytest
import time_machine

from backorders.enums import Resolution
from backorders.errors import CannotOverride, PoolBlocked
from backorders.fulfilment.ship import pick_order
from backorders.fulfilment.shortages import accept_losers, choose_losers
from backorders.fulfilment.stock_corrections import count_stock
from backorders.fulfilment.wave_picking import pick_orders
from backorders.models import OrderLine, PoolBlock
from inventory.errors import ReasonMissing
from inventory.models import StockLevel
from tests.backorders.desk.desk import signed_in, told
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, StockLevelFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def pool() -> tuple[StockLevel, OrderLine, OrderLine]:
    """Two lines hold all five units, and only three are found: the later one loses two."""
    level = StockLevelFactory(product__sku="SAW-200", on_hand=5)
    first = order_for({level.product: 2}).lines.get()
    second = order_for({level.product: 3}, now=MONDAY + timedelta(minutes=1)).lines.get()
    count(level, 3)
    return level, first, second


def count(level: StockLevel, counted: int, key: str = "count-1") -> None:
    count_stock(
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        counted=counted,
        reason="Stocktaking",
        key=key,
        by=None,
        now=LATER,
    )


def held(*lines: OrderLine) -> list[int]:
    for line in lines:
        line.refresh_from_db()
    return [line.allocated for line in lines]


def test_a_count_below_what_is_held_names_the_losers_and_blocks_the_pool(pool):
    level, first, second = pool

    block = PoolBlock.objects.get()

    assert (block.stock_level, block.reason, held(first, second)) == (level, "Stocktaking", [2, 1])
    assert list(block.losses.values_list("line", "units")) == [(second.pk, 2)]


def test_nothing_of_a_blocked_pool_is_picked_and_everything_else_is(pool):
    _, first, _ = pool
    other = order_for({StockLevelFactory(on_hand=1).product: 1})

    with pytest.raises(PoolBlocked, match=r"has a stock shortage after a correction .*Decide first"):
        pick_order(order_id=first.order_id, by=None, now=LATER)
    picked = pick_orders(order_ids=[first.order_id, other.pk], by=None, now=LATER)
    assert [shipment.order for shipment in picked] == [other]


def test_once_the_proposal_is_accepted_the_pool_is_picked_again(pool):
    _, first, second = pool
    person = StaffFactory()

    block = accept_losers(block_id=PoolBlock.objects.get().pk, note="So be it", by=person, now=LATER)

    assert (block.resolution, block.settled_by, held(first, second)) == (Resolution.ACCEPTED, person, [2, 1])
    assert pick_order(order_id=first.order_id, by=None, now=LATER)


def test_somebody_says_who_keeps_units_instead_and_the_next_run_respects_it(pool):
    level, first, second = pool

    choose_losers(
        block_id=PoolBlock.objects.get().pk, keeps={first.pk: 0, second.pk: 3}, note="Second is VIP", by=None, now=LATER
    )
    count(level, 4, key="count-2")

    assert held(first, second) == [1, 3]
    assert second.overrides.active().get().reason == "Second is VIP"


@pytest.mark.parametrize(("keeps", "refusal"), [((2, 3), "2 units more than there are"), ((3, 0), "keep 0 to 2 units")])
def test_more_than_is_there_or_open_cannot_be_kept(pool, keeps, refusal):
    _, first, second = pool
    wanted = dict(zip((first.pk, second.pk), keeps, strict=True))

    with pytest.raises(CannotOverride, match=refusal):
        choose_losers(block_id=PoolBlock.objects.get().pk, keeps=wanted, note="Why not", by=None, now=LATER)
    assert held(first, second) == [2, 1]


def test_a_choice_has_a_reason_and_a_block_is_settled_once(pool):
    _, first, _ = pool
    block = PoolBlock.objects.get()

    with pytest.raises(ReasonMissing):
        choose_losers(block_id=block.pk, keeps={first.pk: 1}, note=" ", by=None, now=LATER)
    accept_losers(block_id=block.pk, note="", by=None, now=LATER)
    with pytest.raises(CannotOverride, match="already decided this"):
        accept_losers(block_id=block.pk, note="", by=None, now=LATER)


def test_a_second_count_adds_its_losers_to_the_same_block(pool):
    level, first, second = pool

    count(level, 1, key="count-2")

    assert list(PoolBlock.objects.get().losses.order_by("pk").values_list("line", "units")) == [
        (second.pk, 2),
        (second.pk, 1),
        (first.pk, 1),
    ]


def test_the_page_shows_losers_and_holders_and_settles(client, pool):
    _, first, second = pool
    block = PoolBlock.objects.get()
    signed_in(client, "backorders.view_poolblock", "backorders.override_allocation")
    form = {f"line_{first.pk}": 0, f"line_{second.pk}": 3, "note": "Second is VIP", "choose": "yes"}

    page = client.get(f"/runs/blocked/{block.pk}/")
    without = client.post(f"/runs/blocked/{block.pk}/", form | {"note": ""})
    with time_machine.travel(LATER, tick=False):
        done = client.post(f"/runs/blocked/{block.pk}/", form, follow=True)

    assert [(row.line, row.lost, row.holds, row.most) for row, _ in page.context["rows"]] == [
        (first, 0, 2, 2),
        (second, 2, 1, 3),
    ]
    assert "SAW-200 in MAIN" in page.content.decode().partition("</h1>")[0].rpartition("<h1")[2]
    assert list(without.context["form"].errors) == ["note"]
    assert told(done) == ["SAW-200 in MAIN can be picked again."]
    assert held(first, second) == [0, 3]


def test_the_dashboard_and_the_list_show_what_is_blocked(client, pool):
    signed_in(client, "backorders.view_poolblock", "backorders.view_orderline")

    assert "Stock shortage" in client.get("/").content.decode()
    assert [block.units_lost for block in client.get("/runs/blocked/").context["blocks"]] == [2]


def test_who_may_only_look_settles_nothing(client, pool):
    block = PoolBlock.objects.get()
    signed_in(client, "backorders.view_poolblock").post(f"/runs/blocked/{block.pk}/", {"accept": "yes", "note": "x"})

    block.refresh_from_db()
    assert block.settled_at is None
