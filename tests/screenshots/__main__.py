"""The pictures of the documents: a desk with demo data; with `--all DIR` every page at both widths in both schemes."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, Page, sync_playwright

from config.demo import DEMO_PASSWORD
from config.test_settings import TEST_DATA_DIR, TEST_SUPERUSER_URL
from tests.kit.browser import launch_arguments
from tests.kit.databases import TestDatabases
from tests.kit.running_desk import running_desk_on
from tests.kit.smtp_sink import running_sink

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WIDTHS = {1440: 900, 390: 844}
SCHEMES = ("light", "dark")

TOUR = [
    ("dashboard", 1440, "light"),
    ("backlog", 1440, "light"),
    ("order", 1440, "dark"),
    ("run", 1440, "light"),
    ("order", 390, "light"),
    ("comparison", 1440, "light"),
    ("supplier-answer", 1440, "light"),
    ("calibration", 1440, "light"),
    ("forecast", 1440, "light"),
]

# Pages by name; `{…}` is a row that is worth a picture.
PAGES = {
    "dashboard": "/",
    "backlog": "/backorders/",
    "reports": "/reports/",
    "orders": "/orders/",
    "new-order": "/orders/new/",
    "order": "/orders/{order}/",
    "shipments": "/shipments/",
    "shipment": "/shipments/{shipment}/",
    "runs": "/runs/",
    "run": "/runs/{run}/",
    "new-run": "/runs/new/",
    "comparison": "/runs/comparisons/{comparison}/",
    "calibration": "/reports/calibration/",
    "compliance": "/reports/compliance/",
    "reasons": "/reports/reasons/",
    "forecast": "/inventory/products/{forecast}/forecast/",
    "supplier-answer": "/purchasing/answers/{answer}/",
    "policies": "/policies/",
    "products": "/inventory/products/",
    "product": "/inventory/products/{product}/",
    "product-queue": "/inventory/products/{product}/queue/",
    "purchasing": "/purchasing/",
    "purchase-order": "/purchasing/{purchase_order}/",
    "receive": "/purchasing/{purchase_order}/receive/",
    "suppliers": "/purchasing/suppliers/",
    "supplier": "/purchasing/suppliers/{supplier}/",
    "customers": "/customers/",
    "customer": "/customers/{customer}/",
    "messages": "/messages/",
    "message": "/messages/{message}/",
    "imports": "/imports/",
    "admin": "/admin/",
    "login": "/accounts/login/",
}

ROWS = {
    "order": """SELECT order_id FROM backorders_orderline line
        JOIN backorders_lineevent event ON event.line_id = line.id WHERE is_open
        GROUP BY 1 ORDER BY COUNT(DISTINCT line.status) DESC, COUNT(*) DESC LIMIT 1""",
    "shipment": "SELECT id FROM backorders_shipment WHERE status = 'picking' ORDER BY id DESC LIMIT 1",
    "run": """SELECT id FROM backorders_allocationrun WHERE kind <> 'simulation'
        ORDER BY lines_changed DESC, id DESC LIMIT 1""",
    "comparison": "SELECT MAX(id) FROM backorders_comparison",
    "answer": """SELECT answer_id FROM inventory_supplieranswerline
        JOIN inventory_purchaseorderline bought ON bought.id = purchase_order_line_id
        LEFT JOIN backorders_orderline line ON line.product_id = bought.product_id AND line.is_open
            AND line.allocated < line.ordered - line.shipped - line.cancelled AND asked_on > CURRENT_DATE
        WHERE state = 'proposed' GROUP BY 1 ORDER BY COUNT(line.id) DESC, 1 LIMIT 1""",
    "forecast": """SELECT product_id FROM backorders_demandweek
        GROUP BY 1 ORDER BY COUNT(*) FILTER (WHERE ordered > 0) DESC, SUM(ordered) DESC LIMIT 1""",
    "product": """SELECT product_id FROM backorders_orderline
        WHERE is_open AND allocated < ordered - shipped - cancelled GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1""",
    "purchase_order": """SELECT id FROM inventory_purchaseorder WHERE status IN ('confirmed', 'partly_received')
        ORDER BY status DESC, id LIMIT 1""",
    "supplier": "SELECT supplier_id FROM inventory_purchaseorder GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1",
    "customer": "SELECT customer_id FROM backorders_salesorder GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1",
    "message": "SELECT id FROM notifications_message WHERE kind = 'goods_allocated' ORDER BY id DESC LIMIT 1",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="DIR", help="every page, both widths, both schemes, into DIR")
    parser.add_argument("--size", default="M", help="size of the demo data")
    options = parser.parse_args()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    target = options.all or PICTURES
    target.mkdir(parents=True, exist_ok=True)
    pictures = TOUR
    if options.all:
        pictures = [(name, width, scheme) for name in PAGES for width in WIDTHS for scheme in SCHEMES]
    with _desk_with_demo_data(options.size) as (url, addresses), sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        for width, scheme in dict.fromkeys((width, scheme) for _, width, scheme in pictures):
            page = _page(browser, url, width, scheme)
            for name in [name for name, *look in pictures if look == [width, scheme]]:
                if name == "login":
                    page.context.clear_cookies()
                page.goto(url + addresses[name])
                page.wait_for_load_state("networkidle")
                page.screenshot(path=target / f"{name}-{width}-{scheme}.png", full_page=bool(options.all))
                sys.stderr.write(f"{name}-{width}-{scheme}.png\n")
        browser.close()


@contextlib.contextmanager
def _desk_with_demo_data(size: str) -> Iterator[tuple[str, dict[str, str]]]:
    databases = TestDatabases(TEST_SUPERUSER_URL, TEST_DATA_DIR)
    databases.prepare()
    with running_sink() as sink, running_desk_on(databases, sink) as desk:
        desk.manage("seed_demo", "--seed", "7", "--size", size)
        desk.manage("forecast")
        with psycopg.connect(desk.database.url) as connection:
            rows = {name: connection.execute(query).fetchone() for name, query in ROWS.items()}
        ids = {name: row[0] for name, row in rows.items() if row}
        yield desk.url, {name: address.format(**ids) for name, address in PAGES.items()}


def _page(browser: Browser, url: str, width: int, scheme: str) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")
    return page


if __name__ == "__main__":
    main()
