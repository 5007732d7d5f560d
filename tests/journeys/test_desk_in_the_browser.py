"""A person's day at a real desk: an order that cannot be filled, until the customer has read that it is on its way."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.kit.running_desk import PASSWORD, USERNAME, RunningDesk
from tests.kit.smtp_sink import SmtpSink

WHEN = date.today() + timedelta(days=9)  # noqa: DTZ011 - as the processes of the desk that runs
DAY = f"{WHEN:%-d %b %Y}"


@pytest.fixture
def desk(running_desk: RunningDesk, tmp_path: Path) -> RunningDesk:
    """One product of which three are here and ten are ordered; two customers; a person who may do everything."""
    files = {
        "products": [{"sku": "SAW-200", "name": "Panel saw", "price": "19.90"}],
        "customers": [
            {"code": "C-1", "name": "Anna Bau", "email": "anna@example.com", "tier": "standard"},
            {"code": "C-2", "name": "Platin AG", "email": "platin@example.com", "tier": "platinum"},
        ],
        "suppliers": [{"code": "NORD", "name": "Nordwerk", "lead_time_days": "10"}],
        "stock-counts": [{"warehouse": "MAIN", "sku": "SAW-200", "on_hand": "3"}],
        "purchase-orders": [
            {
                "number": "PO-512",
                "supplier": "NORD",
                "line": "1",
                "sku": "SAW-200",
                "quantity": "10",
                "ordered_on": str(WHEN - timedelta(days=20)),
                "confirmed_on": str(WHEN),
            }
        ],
    }
    running_desk.fill(files, tmp_path)
    return running_desk


def sign_in(page: Page, desk: RunningDesk) -> None:
    page.goto(desk.url)
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Dashboard")


def place_order(page: Page, desk: RunningDesk, customer: str, units: int, promise: str) -> str:
    """Through the form; what it promises while typing is `promise`. Returns the number of the order."""
    page.goto(f"{desk.url}/orders/new/")
    page.locator("#id_customer").fill(customer)
    page.locator("#id_lines-0-product").fill("SAW-200")
    page.locator("#id_lines-0-quantity").fill(str(units))
    expect(page.locator("#lines-0-promise")).to_contain_text(promise)
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("h1")).to_contain_text("SO-")
    return page.locator("h1").inner_text().split()[0]


def line_figures(page: Page) -> dict[str, str]:
    labels = ("Ordered", "Allocated", "Shipped", "Open", "State")
    return {label: page.locator(f'.order-lines [data-label="{label}"]').inner_text().strip() for label in labels}


def test_an_order_that_cannot_be_filled_ends_with_three_emails(desk: RunningDesk, calm_page: Page, smtp_sink: SmtpSink):
    page = calm_page
    sign_in(page, desk)

    number = place_order(page, desk, "C-1", 8, f"5 on {DAY}")
    order_address = page.url
    assert line_figures(page) == {
        "Ordered": "8", "Allocated": "3", "Shipped": "0", "Open": "8", "State": "Partly allocated",
    }  # fmt: skip
    expect(page.locator(".line-story")).to_contain_text(f"Waiting for PO-512 from Nordwerk: {DAY} (80 % likely).")

    page.goto(f"{desk.url}/?refresh=1")
    expect(page.locator(".kpi", has_text="Open units").locator(".kpi-value")).to_have_text("8")
    expect(page.get_by_role("main")).to_contain_text(number)

    # Emails that are due together leave as one digest, so each is read before the next thing happens.
    [first] = smtp_sink.wait_for(1, seconds=90)
    page.goto(f"{desk.url}/purchasing/?q=PO-512")
    page.get_by_role("link", name="PO-512").click()
    page.get_by_role("link", name="Receive goods").click()
    expect(page.get_by_role("region", name="Lines waiting for SAW-200")).to_contain_text("+5")
    page.get_by_label("Delivery note no.").fill("DN-77")
    page.get_by_role("button", name="Book the receipt").click()
    expect(page.get_by_role("heading", name="1 line filled from receipt DN-77")).to_be_visible()
    expect(page.get_by_role("region", name="Results")).to_contain_text(
        "Only line in the queue for SAW-200: gets all 8 units."
    )

    _, second = smtp_sink.wait_for(2, seconds=90)
    page.goto(order_address)
    assert line_figures(page)["State"] == "Allocated"
    page.get_by_role("button", name="Pick 8 units").click()
    page.get_by_role("textbox", name="Carrier").fill("DHL")
    page.get_by_role("textbox", name="Tracking number").fill("JD0146")
    page.get_by_role("button", name="Ship and tell the customer").click()
    expect(page.locator("h1")).to_contain_text("Shipped")
    assert line_figures(page) == {"Ordered": "8", "Allocated": "0", "Shipped": "8", "Open": "0", "State": "Shipped"}

    _, _, third = smtp_sink.wait_for(3, seconds=90)
    assert [mail.recipients for mail in (first, second, third)] == [("anna@example.com",)] * 3
    assert [mail.subject for mail in (first, second, third)] == [
        f"Order {number} received: part is in stock, the rest will follow",
        f"Order {number}: items reserved for you",
        f"Order {number} is on its way",
    ]
    assert "- 3 × Panel saw (SAW-200)" in first.text
    assert "- 5 × Panel saw (SAW-200)" in second.text
    assert "- 8 × Panel saw (SAW-200)" in third.text
    assert "JD0146" in third.text


def test_the_policy_decides_who_is_served(desk: RunningDesk, calm_page: Page):
    page = calm_page
    sign_in(page, desk)
    anna = place_order(page, desk, "C-1", 3, "All 3 from stock now")
    platin = place_order(page, desk, "C-2", 3, f"3 on {DAY}")

    page.goto(f"{desk.url}/policies/")
    page.get_by_role("button", name="Make default: Customer importance").click()
    page.get_by_role("dialog").get_by_role("button", name="Make default").click()
    expect(page.get_by_text("“Customer importance” is the default now.")).to_be_visible()
    page.goto(f"{desk.url}/runs/new/")
    page.get_by_label("Apply").check()
    page.get_by_role("button", name="Start").click()

    expect(page.locator("h1")).to_contain_text("Finished")
    changes = {
        row.get_by_role("rowheader").inner_text(): row.locator('[data-label="Change"]').inner_text()
        for row in page.get_by_role("region", name="Results").locator("tbody tr").all()
    }
    assert changes == {anna: "−3", platin: "+3"}
    page.get_by_role("link", name=platin).click()
    assert line_figures(page)["State"] == "Allocated"
