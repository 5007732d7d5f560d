"""A slip from the supplier's phone to the customers: sent, shifted by the link, looked at, accepted, told."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.kit.running_desk import PASSWORD, USERNAME, RunningDesk
from tests.kit.smtp_sink import SmtpSink

CUSTOMERS = {"C-1": "Anna Bau", "C-2": "Berta GmbH", "C-3": "Carl AG"}


def shown(day: date) -> str:
    return f"{day:%-d %b %Y}"


@pytest.fixture
def desk(running_desk: RunningDesk, tmp_path: Path) -> RunningDesk:
    """A product of which nothing is here, its supplier, three customers, and a person who may do everything."""
    files = {
        "products": [{"sku": "SAW-200", "name": "Panel saw", "price": "19.90", "backorder_policy": "notify"}],
        "customers": [
            {"code": code, "name": name, "email": f"{code.lower()}@example.com", "tier": "standard"}
            for code, name in CUSTOMERS.items()
        ],
        "suppliers": [
            {"code": "NORD", "name": "Nordwerk", "email": "nord@example.com", "lead_time_days": "10", "language": "en"}
        ],
        "supplier-products": [{"supplier": "NORD", "sku": "SAW-200", "lead_time_days": "10"}],
    }
    running_desk.fill(files, tmp_path)
    return running_desk


def link_in(sink: SmtpSink, count: int) -> str:
    """The link in the newest of so many letters to the supplier."""
    letters = sink.wait_for(count, to="nord@example.com", seconds=120)
    found = re.search(r"http://\S+/s/\S+", letters[count - 1].text)
    assert found
    return found[0]


def send_order(page: Page, desk: RunningDesk, wanted: date) -> str:
    page.goto(f"{desk.url}/purchasing/new/")
    page.locator("#id_supplier").fill("NORD")
    page.locator("#id_lines-0-product").fill("SAW-200")
    page.locator("#id_lines-0-quantity").fill("12")
    page.locator("#id_lines-0-requested_on").fill(wanted.isoformat())
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Sent")
    return page.url


def place_order(page: Page, desk: RunningDesk, customer: str) -> str:
    page.goto(f"{desk.url}/orders/new/")
    page.locator("#id_customer").fill(customer)
    page.locator("#id_lines-0-product").fill("SAW-200")
    page.locator("#id_lines-0-quantity").fill("4")
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("h1")).to_contain_text("SO-")
    return page.url


def test_a_slip_is_seen_before_it_is_accepted_and_told_after(desk: RunningDesk, calm_page: Page, smtp_sink: SmtpSink):
    page, today = calm_page, timezone.localdate()
    wanted, later = today + timedelta(days=10), today + timedelta(days=24)
    page.goto(desk.url)
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Dashboard")
    purchase_order = send_order(page, desk, wanted)

    page.goto(link_in(smtp_sink, 1))
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("your answer has arrived")
    orders = {name: place_order(page, desk, code) for code, name in CUSTOMERS.items()}
    addresses = [f"{code.lower()}@example.com" for code in CUSTOMERS]
    for address in addresses:
        smtp_sink.wait_for(1, to=address, seconds=120)
    page.goto(orders["Carl AG"])
    expect(page.get_by_role("main")).to_contain_text(shown(wanted))

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(link_in(smtp_sink, 2))
    page.get_by_label("All of it on another date").check()
    page.locator(".portal-date input").fill(later.isoformat())
    page.locator(".portal-reason input").fill("Raw material")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("Our buyer checks what differs")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.set_viewport_size({"width": 1440, "height": 900})

    page.goto(f"{desk.url}/purchasing/answers/")
    page.get_by_role("link", name="See impact").click()
    hit = page.get_by_role("region", name="Lines that would wait longer")
    for name in CUSTOMERS.values():
        expect(hit).to_contain_text(name)
    expect(hit.locator("tbody tr")).to_have_count(3)
    expect(page.locator(".kpi", has_text="Promised dates pushed back").locator(".kpi-value")).to_have_text("3")
    page.get_by_label("Decision on SAW-200").select_option("accepted")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Decision saved. Nordwerk will be emailed.")).to_be_visible()

    for address in addresses:
        assert "later delivery date" in smtp_sink.wait_for(2, to=address, seconds=120)[1].subject
    page.goto(orders["Anna Bau"])
    expect(page.get_by_role("main")).to_contain_text(shown(later))
    page.goto(purchase_order)
    expect(page.get_by_role("region", name="Dates the supplier gave")).to_contain_text("Raw material")
    expect(page.locator("#unblocks")).to_contain_text("3 lines of 3 customers")
    page.goto(f"{desk.url}/purchasing/suppliers/")
    expect(page.get_by_role("region", name="Suppliers").locator("[data-label='Date changes']")).to_have_text("1")
    page.goto(f"{desk.url}/?refresh=1")
    expect(page.get_by_role("main")).to_contain_text("SAW-200")
