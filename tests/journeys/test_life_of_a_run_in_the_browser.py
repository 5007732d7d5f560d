"""A policy of three segments, from the simulation to the roll-back, as planner and approver see it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from playwright.sync_api import Page, expect

from backorders.enums import OverrideKind
from backorders.fulfilment.stock_corrections import count_stock
from backorders.models import AllocationRun, OrderLine, PoolBlock
from backorders.runs.overrides.outcomes import Wish
from backorders.runs.overrides.override import override_line
from inventory.models import StockLevel
from tests.backorders.guarded import a_contested_pool, a_policy
from tests.factories.staff import StaffFactory
from tests.kit.pages import findings, findings_by_page, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def somebody(role: str, name: str) -> User:
    person = StaffFactory(username=role, first_name=name)
    person.groups.add(Group.objects.get(name=role))
    return person


def segment(name: str, strategy: str, *tiers: str) -> dict:
    filters = [{"field": "tier", "operator": "in", "values": list(tiers)}]
    return {"name": name, "strategy": strategy, "filters": filters, "keys": [{"field": "placed_at"}]}


@pytest.fixture
def three_segments():
    segments = [segment("Best", "REDISTRIBUTE", "platinum"), segment("Others", "REDISTRIBUTE", "basic")]
    return a_policy("three-segments", segments=segments, approval_threshold=0)


def test_simulate_compare_explain_approve_apply_pin_and_roll_back(calm_page: Page, live_server, three_segments):
    page, url = calm_page, live_server.url
    _, basic, platinum = a_contested_pool()
    a_contested_pool("DRILL-1")
    planner, approver = somebody("planner", "Henrik"), somebody("approver", "Ingrid")

    sign_in(page, url, planner)
    page.goto(f"{url}/runs/compare/")
    page.get_by_label("Order date").check()
    page.get_by_label("Three-Segments").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Comparison")
    row = page.get_by_role("row").filter(has_text="Three-Segments").first
    row.get_by_role("link", name="Apply").click()

    expect(page.get_by_text("2 promised dates would move later; the policy allows 0")).to_be_visible()
    result = page.get_by_role("row").filter(has_text=str(basic.order))
    result.get_by_role("link", name="Explain").click()
    expect(page.get_by_role("region", name="Now, under the policy")).to_contain_text("or tier Platinum")
    page.go_back()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("This run needs approval")).to_be_visible()
    waiting = page.url

    sign_in(page, url, approver)
    page.goto(f"{waiting}?show=worse")
    expect(page.get_by_role("row").filter(has_text=str(basic.order))).to_contain_text("without a date")
    page.get_by_label("Note").fill("Sales agreed")
    page.get_by_role("button", name="Approve and apply").click()
    expect(page.locator("h1")).to_contain_text("Finished")
    expect(page.get_by_role("button", name="Roll back")).to_have_count(0)
    applied = page.url
    assert held(basic, platinum) == [0, 5]

    sign_in(page, url, planner)
    drill = OrderLine.objects.get(product__sku="DRILL-1", allocated__gt=0)
    page.goto(f"{url}/orders/{drill.order_id}/")
    page.get_by_role("link", name="Pin, hold, set or move").click()
    page.get_by_label("Pin units to the line").check()
    page.locator("#id_units").fill("2")
    page.locator("#id_reason").fill("Promised by phone")
    page.get_by_role("button", name="Show the effect").click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Runs respect it.")).to_be_visible()

    page.goto(applied)
    page.get_by_label("Reason for rolling back").fill("Sales changed their mind")
    page.get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("heading", name="Skipped products")).to_be_visible()
    assert held(basic, platinum) == [5, 0]


def held(*lines: OrderLine) -> list[int]:
    for line in lines:
        line.refresh_from_db()
    return [line.allocated for line in lines]


def test_the_pages_of_decisions_are_accessible_and_fit(calm_page: Page, live_server, three_segments):
    page, url = calm_page, live_server.url
    _, basic, platinum = a_contested_pool()
    level, drill, _ = a_contested_pool("DRILL-1")
    sign_in(page, url, User.objects.create_superuser("root", first_name="Hannah", last_name="Vogel"))
    page.goto(f"{url}/runs/compare/")
    for name in ("Order date", "Three-Segments"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Comparison")
    comparison = page.url.removeprefix(url)
    run = AllocationRun.objects.latest("pk")
    now = timezone.now()
    override_line(wish=Wish(drill.pk, OverrideKind.PIN, "By phone", units=1), by=None, now=now)
    lose_one_unit(level)

    addresses = [
        *(comparison, "/runs/compare/", f"/runs/{run.pk}/", f"/orders/lines/{basic.pk}/why/?run={run.pk}"),
        *("/runs/overrides/", "/runs/blocked/", f"/runs/blocked/{PoolBlock.objects.get().pk}/"),
        f"/orders/{drill.order_id}/",
    ]
    assert findings_by_page(page, url, addresses) == {}

    page.goto(f"{url}/orders/lines/{platinum.pk}/override/")
    page.get_by_label("Move units from another line").check()
    page.locator("#id_units").fill("2")
    page.locator("#id_from_line_id").select_option(index=1)
    page.locator("#id_reason").fill("Promised by phone")
    page.get_by_role("button", name="Show the effect").click()
    expect(page.get_by_role("heading", name="Effect")).to_be_visible()
    assert findings(page) == []


def lose_one_unit(level: StockLevel) -> None:
    count_stock(
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        counted=4,
        reason="One is broken",
        key="short",
        by=None,
        now=timezone.now() + timedelta(seconds=1),
    )
