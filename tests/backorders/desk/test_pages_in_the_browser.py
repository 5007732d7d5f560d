from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from backorders.enums import RunKind
from backorders.fulfilment.ship import pick_order, ship
from backorders.models import AllocationRun, OrderLine, SalesOrder, Shipment
from backorders.runs.allocate_stock import allocate_stock
from inventory.models import PurchaseOrder
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import PurchaseOrderLineFactory, StockLevelFactory
from tests.kit.pages import findings_by_page, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
SOON = timedelta(days=9)


@pytest.fixture
def desk(calm_page: Page, live_server) -> Page:
    sign_in(calm_page, live_server.url, User.objects.create_superuser("root", first_name="Hannah", last_name="Vogel"))
    return calm_page


@pytest.fixture
def busy_desk(desk: Page) -> Page:
    """Every page has something to show: parts shipped, on a pick list, waiting; a run that gave and a run on paper."""
    now = timezone.now()
    level = StockLevelFactory(product__sku="SAW-200", on_hand=7)
    PurchaseOrderLineFactory(
        product=level.product, purchase_order__number="PO-512", ordered=10, confirmed_on=(now + SOON).date()
    )
    orders = [order_for({level.product: 5}, now=now - timedelta(hours=hours)) for hours in (9, 8, 7)]
    [shipment] = pick_order(order_id=orders[0].pk, by=None, now=now)
    ship(shipment_id=shipment.pk, by=None, now=now, quantities={orders[0].lines.get().pk: 3}, carrier="DHL")
    pick_order(order_id=orders[1].pk, by=None, now=now)
    allocate_stock(kind=RunKind.SIMULATION, now=now, policy_code="order-size", cause="By hand")
    return desk


def test_the_pages_are_accessible_and_fit(busy_desk: Page, live_server):
    first, last = SalesOrder.objects.earliest("pk"), SalesOrder.objects.latest("pk")
    shipment, run = Shipment.objects.latest("pk"), AllocationRun.objects.latest("pk")

    addresses = [
        *("/orders/new/", f"/orders/{first.pk}/", f"/orders/{last.pk}/", "/shipments/", f"/shipments/{shipment.pk}/"),
        f"/purchasing/{PurchaseOrder.objects.get().pk}/receive/",
        f"/inventory/products/{last.lines.get().product_id}/queue/",
        *("/runs/", f"/runs/{run.pk}/?show=all", "/runs/new/", "/policies/"),
    ]

    assert findings_by_page(busy_desk, live_server.url, addresses) == {}


def test_an_order_is_taken_with_the_keyboard_alone(desk: Page, live_server):
    CustomerFactory(code="C-1003", name="Hofmann Bau AG")
    level = StockLevelFactory(product__sku="SAW-200", product__name="Panel saw 350 mm", on_hand=3)
    day = (timezone.now() + SOON).date()
    PurchaseOrderLineFactory(product=level.product, purchase_order__number="PO-512", ordered=10, confirmed_on=day)
    desk.goto(f"{live_server.url}/orders/new/")

    desk.locator("#id_customer").focus()
    desk.keyboard.type("hofm")
    expect(desk.get_by_role("option", name="C-1003")).to_be_visible()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.locator("#id_customer")).to_have_value("C-1003")

    desk.locator("#id_lines-0-product").focus()
    desk.keyboard.type("panel")
    expect(desk.get_by_role("option", name="SAW-200")).to_be_visible()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("8")
    expect(desk.locator("#lines-0-promise")).to_contain_text("3 of 8 now")
    expect(desk.locator("#lines-0-promise")).to_contain_text(f"5 on {day:%-d %b %Y}")
    expect(desk.locator("#lines-0-promise")).to_contain_text("PO-512")
    expect(desk.locator("#promise-total")).to_contain_text("3 of 8 from stock now")

    desk.keyboard.press("Enter")

    expect(desk.locator("h1")).to_contain_text("SO-")
    line = OrderLine.objects.get()
    assert (line.ordered, line.allocated, line.promised_on) == (8, 3, day)


def test_rows_come_and_go_and_a_removed_one_is_not_ordered(desk: Page, live_server):
    CustomerFactory(code="C-1003")
    for number in range(4):
        StockLevelFactory(product__sku=f"SAW-20{number}", on_hand=9)
    desk.goto(f"{live_server.url}/orders/new/")
    desk.locator("#id_customer").fill("C-1003")
    desk.get_by_role("button", name="Add line").click()
    for number in range(4):
        desk.locator(f"#id_lines-{number}-product").fill(f"SAW-20{number}")
        desk.locator(f"#id_lines-{number}-quantity").fill(str(number + 1))
    expect(desk.locator("#lines-3-promise")).to_contain_text("All 4 from stock now")

    desk.locator("tr[data-row]").nth(1).get_by_role("button", name="Remove line").click()
    expect(desk.locator("#promise-total")).to_contain_text("8 of 8")
    desk.get_by_role("button", name="Place order").dblclick()

    expect(desk.locator("h1")).to_contain_text("SO-")
    assert list(OrderLine.objects.order_by("number").values_list("product__sku", "ordered")) == [
        ("SAW-200", 1),
        ("SAW-202", 3),
        ("SAW-203", 4),
    ]


def test_ticking_a_line_changes_what_the_button_picks(desk: Page, live_server):
    products = [StockLevelFactory(product__sku=f"SAW-20{number}", on_hand=9).product for number in range(2)]
    order = order_for(dict.fromkeys(products, 2), now=timezone.now())
    desk.goto(f"{live_server.url}/orders/{order.pk}/")
    expect(desk.get_by_role("button", name="Pick 4 units")).to_be_visible()

    desk.get_by_role("checkbox", name="SAW-201").check()
    desk.get_by_role("button", name="Pick the chosen lines").click()

    expect(desk.locator("h1")).to_contain_text("SH-")
    assert Shipment.objects.get().allocations.get().line.product == products[1]


def test_cancelling_asks_first(desk: Page, live_server):
    order = order_for({StockLevelFactory(on_hand=1).product: 2}, now=timezone.now())
    desk.goto(f"{live_server.url}/orders/{order.pk}/")

    desk.get_by_role("button", name="Cancel everything open").click()
    expect(desk.get_by_role("dialog")).to_contain_text(f"Cancel everything still open on {order}?")
    assert OrderLine.objects.get().cancelled == 0
    desk.get_by_role("button", name="Cancel the order").click()

    expect(desk.locator("h1")).to_contain_text("Cancelled")
    assert OrderLine.objects.get().cancelled == 2


def test_an_order_is_taken_without_javascript(browser: Browser, live_server):
    CustomerFactory(code="C-1003")
    for number in range(4):
        StockLevelFactory(product__sku=f"SAW-20{number}", on_hand=9)
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server.url, User.objects.create_superuser("root"))
    page.goto(f"{live_server.url}/orders/new/")
    page.locator("#id_customer").fill("C-1003")
    for number in range(3):
        page.locator(f"#id_lines-{number}-product").fill(f"SAW-20{number}")
        page.locator(f"#id_lines-{number}-quantity").fill("2")

    page.get_by_role("button", name="Add line").click()
    expect(page.locator("#lines-0-promise")).to_contain_text("All 2 from stock now")
    page.locator("#id_lines-3-product").fill("SAW-203")
    page.locator("#id_lines-3-quantity").fill("2")
    page.get_by_role("button", name="Place order").click()

    expect(page.locator("h1")).to_contain_text("SO-")
    assert OrderLine.objects.count() == 4
