import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from backorders.models import AllocationPolicy, PolicyVersion
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import StockLevelFactory
from tests.kit.pages import findings_by_page, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(calm_page: Page, live_server) -> Page:
    """Somebody who may write policies; three gold lines and two basic ones wait."""
    sign_in(calm_page, live_server.url, User.objects.create_superuser("root", first_name="Hannah", last_name="Vogel"))
    level = StockLevelFactory(product__sku="SAW-200", on_hand=7)
    for code, count in (("gold", 3), ("basic", 2)):
        customer = CustomerFactory(tier=CustomerTierFactory(code=code))
        for _ in range(count):
            order_for({level.product: 5}, customer=customer)
    return calm_page


def test_the_pages_are_accessible_and_fit(desk: Page, live_server):
    policy = AllocationPolicy.objects.get(code="configured-classes")

    addresses = [f"/policies/{policy.pk}/", f"/policies/{policy.pk}/edit/", "/policies/new/", "/policies/quotas/"]

    assert findings_by_page(desk, live_server.url, addresses) == {}


def test_a_segment_is_built_counted_moved_and_saved(desk: Page, live_server):
    policy = AllocationPolicy.objects.get(code="order-date")
    desk.goto(f"{live_server.url}/policies/{policy.pk}/edit/")
    expect(desk.locator("#catch-rest")).to_contain_text("5 lines now")

    desk.get_by_role("button", name="Add a segment").click()
    first = desk.locator("#segment-s0")
    first.get_by_label("Name").fill("Gold")
    first.get_by_label("Values").fill("gold")
    expect(desk.locator("#catch-s0")).to_contain_text("3 lines now")
    expect(desk.locator("#catch-rest")).to_contain_text("2 lines now")
    expect(desk.locator("#policy-preview")).to_contain_text("Lines with tier gold")

    desk.get_by_role("button", name="Add a segment").click()
    desk.locator("#segment-s1").get_by_label("Filter field").select_option("ship_complete")
    expect(desk.locator("#segment-s1").get_by_label("Value")).to_have_value("yes")
    desk.locator("#segment-s1").get_by_role("button", name="Move Segment 2 up").click()
    expect(desk.locator("#segment-s1").get_by_label("Name")).to_have_value("Gold")

    desk.get_by_label("What changed and why").fill("Gold first")
    desk.get_by_role("button", name="Save as a new version").click()
    expect(desk.get_by_text("is saved as version 2")).to_be_visible()
    version = PolicyVersion.objects.get(policy=policy, number=2)
    assert [segment.name for segment in version.parsed.segments] == ["Segment 2", "Gold"]


def test_a_segment_is_dragged_to_another_place(desk: Page, live_server):
    policy = AllocationPolicy.objects.get(code="configured-classes")
    desk.set_viewport_size({"width": 1440, "height": 4000})
    desk.goto(f"{live_server.url}/policies/{policy.pk}/edit/")

    desk.locator("#segment-s2 .card-header h2").drag_to(desk.locator("#segment-s0 .card-header h2"))

    expect(desk.locator("#segment-s0").get_by_label("Name")).to_have_value("Waiting for long")
