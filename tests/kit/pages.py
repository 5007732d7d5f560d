"""What every page must be: without findings of axe, and no wider than the window, wide and narrow, light and dark."""

from collections.abc import Iterable

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page

LOOKS = ((1440, "light"), (390, "dark"))  # each width and each theme once


def sign_in(page: Page, url: str, user: User) -> None:
    """Give the browser the session of `user`; the login page has tests of its own."""
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def findings(page: Page) -> list[str]:
    """What axe and the ruler find on the page as it is, in each width and theme once."""
    found = []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        results = AxeResults(page.evaluate("axe.run({resultTypes: ['violations']})"))
        if results.violations_count:
            found.append(f"{width} {theme}: {results.generate_report()}")
        if (excess := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            found.append(f"{width} {theme}: {excess} px too wide")
    return found


def findings_by_page(page: Page, url: str, addresses: Iterable[str]) -> dict[str, list[str]]:
    """Those of each page, with what it loads after itself; a page with none is not named."""
    found = {}
    for address in addresses:
        answer = page.goto(url + address)
        assert answer.status == 200, address
        if page.locator('[hx-trigger="load"]').count():
            page.wait_for_load_state("networkidle")
        if seen := findings(page):
            found[address] = seen
    return found
