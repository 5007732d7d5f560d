"""What every page must be: without findings of axe, and no wider than the window, wide and narrow, light and dark."""

from collections.abc import Iterable
from itertools import product

from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page

WIDTHS = (1440, 390)
THEMES = ("light", "dark")
EACH_LOOK = tuple(product(WIDTHS, THEMES))
CROSSWISE = ((1440, "light"), (390, "dark"))  # each width and each theme once


def sign_in(page: Page, url: str, user: User) -> None:
    """Give the browser the session of `user`; the login page has tests of its own."""
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def findings(page: Page, looks: Iterable[tuple[int, str]] = CROSSWISE) -> list[str]:
    """What axe and the ruler find on the page as it is, in each width and theme once unless other looks are named."""
    found = []
    for width, theme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        results = Axe().run(page)
        if results.violations_count:
            found.append(f"{width} {theme}: {results.generate_report()}")
        if (excess := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            found.append(f"{width} {theme}: {excess} px too wide")
    return found
