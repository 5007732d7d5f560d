"""The test kit: databases, SMTP sink, running desk, browser. How to run the tests: README, "Tests"."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from backorders.oversight.queries.invariants import check_invariants
from config.celery import app as celery_app
from config.test_settings import TEST_DATA_DIR, TEST_SUPERUSER_URL
from tests.factories.inventory import MONDAY
from tests.kit.clock import TODAY, running_from
from tests.kit.databases import CloneUrls, TestDatabases
from tests.kit.smtp_sink import SmtpSink, running_sink

# Playwright's synchronous API runs an event loop in this thread, and Django would refuse every query below it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

pytest_plugins = ["tests.kit.browser", "tests.kit.running_desk"]
celery_app.set_current()
RUN_DESKS = ("tests/reliability/", "tests/journeys/", "tests/config/test_demo.py", "tests/config/test_start.py")
LONGEST = ("tests/reliability/", "tests/backorders/management/", "tests/journeys/", "tests/config/")

# The same examples every time, and as long for each as a loaded machine may need.
settings.register_profile(
    "desk", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("desk")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that no worker ends long after the others."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="session")
def test_databases() -> TestDatabases:
    databases = TestDatabases(TEST_SUPERUSER_URL, TEST_DATA_DIR)
    databases.prepare()
    return databases


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, test_databases: TestDatabases
) -> Iterator[None]:
    """In place of pytest-django's: this process works in its own clone, as the role of the application."""
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock(), test_databases.cloned() as clone:
        for alias in ("default", "owner"):
            patch.setitem(connections[alias].settings_dict, "NAME", clone.name)

        def clone_again(case: TransactionTestCase) -> None:
            connections.close_all()
            test_databases.clone(clone.name)

        patch.setattr(TransactionTestCase, "_fixture_teardown", clone_again)
        yield
        connections.close_all()
        patch.undo()


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins on the same working day, so that none hangs on the day on which somebody runs it; the clock
    runs on. `@pytest.mark.real_clock` is for tests that measure against the database's, as are those in which whole
    desks run: their workers take what is due by the database's clock."""
    runs_a_desk = request.node.nodeid.startswith(RUN_DESKS) or {"running_desk", "clone_database"} & set(
        request.fixturenames
    )
    if runs_a_desk or request.node.get_closest_marker("real_clock"):
        yield
        return
    with running_from(TODAY):
        yield


@pytest.fixture
def monday() -> Iterator[None]:
    """The clock stands still on the Monday of the factories."""
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture(autouse=True)
def database_stays_true(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test that used the database ends with the invariants and an empty cache."""
    fixtures = {"db", "transactional_db", "live_server", "_django_db_helper"} & set(request.fixturenames)
    if not fixtures and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    cache.clear()
    yield
    assert check_invariants().sentences() == []


@pytest.fixture(scope="session")
def base_url() -> str:
    """In place of pytest-base-url's, whose shape pytest has deprecated; it must stand in a conftest to come first."""
    return ""


@pytest.fixture
def clone_database(test_databases: TestDatabases) -> Callable[[], AbstractContextManager[CloneUrls]]:
    """`with clone_database() as clone:` a database of its own for a test that starts real processes."""
    return test_databases.cloned


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    with running_sink() as sink:
        yield sink
