"""The system's Chromium under Playwright, and what it complained about."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, expect

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ALLOWED_HOSTS = ("http://127.0.0.1", "http://localhost")
MILLISECONDS_TO_APPEAR = 60_000

expect.set_options(timeout=MILLISECONDS_TO_APPEAR)


def system_chromium() -> str | None:
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def launch_arguments() -> dict[str, Any]:
    """How Chromium is started: quietly, without a sandbox for root, the one on PATH where there is one."""
    arguments = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-dev-shm-usage",
        "--disable-extensions",
        "--disable-sync",
        "--no-first-run",
        "--font-render-hinting=none",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {"args": arguments} | ({"executable_path": found} if (found := system_chromium()) else {})


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | launch_arguments()


@dataclass
class BrowserComplaints:
    """Errors on the console (broken CSP rules appear there too), uncaught exceptions, requests to other hosts."""

    lines: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.lines.append(f"uncaught: {error}"))
        page.on("request", self._look_where)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.lines.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _look_where(self, request: Request) -> None:
        if not request.url.startswith((*ALLOWED_HOSTS, "data:", "blob:", "about:")):
            self.lines.append(f"request to another host: {request.url}")


@pytest.fixture
def page(page: Page) -> Page:
    """As long a wait as a loaded machine may need: only a test that fails ever waits that long."""
    page.set_default_timeout(MILLISECONDS_TO_APPEAR)
    return page


@pytest.fixture
def browser_complaints(page: Page) -> Iterator[BrowserComplaints]:
    """Collects complaints of `page`; the test fails at its end unless it cleared the lines that it expected."""
    complaints = BrowserComplaints()
    complaints.watch(page)
    yield complaints
    assert complaints.lines == []


@pytest.fixture
def calm_page(page: Page, browser_complaints: BrowserComplaints) -> Page:
    """A browser page on which every complaint of the browser fails the test."""
    return page
