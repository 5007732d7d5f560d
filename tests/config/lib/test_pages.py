import psycopg
import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import RequestFactory

from config.lib.pages import BusyDatabaseMiddleware, is_busy


@pytest.fixture
def busy_row(clone_database):
    """A connection of somebody else that holds a lock on a row, in a database of its own."""
    with clone_database() as clone, psycopg.connect(clone.url) as holder:
        holder.execute("INSERT INTO auth_group (name) VALUES ('held')")
        holder.commit()
        holder.execute("SELECT * FROM auth_group FOR UPDATE")
        yield clone


def django_error_of(error: psycopg.Error) -> OperationalError:
    try:
        raise OperationalError(str(error)) from error
    except OperationalError as raised:
        return raised


def test_a_lock_wait_that_ran_out_counts_as_busy(busy_row):
    with psycopg.connect(busy_row.url) as other:
        other.execute("SET LOCAL lock_timeout = '20ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable) as refused:
            other.execute("SELECT * FROM auth_group FOR UPDATE")

    assert is_busy(django_error_of(refused.value))


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_counts_as_busy():
    with pytest.raises(OperationalError) as lost, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert is_busy(lost.value)


@pytest.mark.parametrize("error", [ValueError("no"), OperationalError("without a cause"), PermissionError()])
def test_other_errors_are_not_busy(error):
    assert not is_busy(error)


def test_a_busy_database_is_answered_with_503_and_a_time_to_come_back():
    middleware = BusyDatabaseMiddleware(lambda request: HttpResponse())
    busy = django_error_of(psycopg.errors.DeadlockDetected("deadlock detected"))

    response = middleware.process_exception(RequestFactory().get("/orders/"), busy)

    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "3", "no-store")
    assert b"deadlock" not in response.content


def test_a_mistake_in_the_code_goes_its_usual_way():
    middleware = BusyDatabaseMiddleware(lambda request: HttpResponse())

    assert middleware.process_exception(RequestFactory().get("/"), ValueError("a bug")) is None


@pytest.mark.django_db
def test_every_page_carries_the_security_headers(client):
    headers = client.get("/accounts/login/").headers

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("accelerometer=()")
    assert "unsafe-" not in headers["Content-Security-Policy"]
    for directive in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in headers["Content-Security-Policy"]


def test_a_browser_that_looks_for_an_icon_finds_it(client):
    answer = client.get("/favicon.ico")

    assert (answer.status_code, answer.url) == (302, static("favicon.svg"))
    assert finders.find("favicon.svg")
