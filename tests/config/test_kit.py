"""The test kit keeps its own promises."""

import smtplib
import subprocess
import sys
from datetime import timedelta

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from config.desk import is_ready
from tests.kit.clock import TODAY


@pytest.mark.django_db
def test_the_tests_connect_as_the_application_not_as_owner():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")

        assert cursor.fetchone() == ("backorder_app", False, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_transactional_test_starts_from_the_template_again(turn):
    Group.objects.create(name="left by an earlier test")

    assert Group.objects.filter(name="left by an earlier test").count() == 1


@pytest.mark.django_db
def test_the_cache_of_each_test_is_empty():
    assert cache.get("seen") is None
    cache.set("seen", 1)


@pytest.mark.django_db
def test_the_application_may_not_truncate_or_create_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('auth_group', 'TRUNCATE'), has_schema_privilege('public', 'CREATE')")

        assert cursor.fetchone() == (False, False)


def test_clones_do_not_see_each_other(clone_database):
    with clone_database() as one, clone_database() as other:
        with psycopg.connect(one.url) as connection:
            connection.execute("INSERT INTO auth_group (name) VALUES ('only here')")
        with psycopg.connect(other.url) as connection:
            found = connection.execute("SELECT count(*) FROM auth_group WHERE name = 'only here'").fetchone()

    assert found == (0,)


def test_the_smtp_sink_keeps_what_it_is_sent(smtp_sink):
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client:
        client.sendmail("desk@example.com", ["ada@example.com"], "Subject: Hello\r\n\r\nGood day\r\n")

    received = smtp_sink.wait_for(1)

    assert [(mail.subject, mail.recipients, mail.text.strip()) for mail in received] == [
        ("Hello", ("ada@example.com",), "Good day")
    ]


def test_it_is_the_same_day_in_every_process_that_a_test_starts():
    asked = [sys.executable, "-c", "import datetime; print(datetime.date.today())"]

    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout

    assert (told.strip(), timezone.now().date()) == (f"{TODAY:%Y-%m-%d}", TODAY.date())


@pytest.mark.real_clock
def test_a_test_may_live_by_the_clock_of_the_database(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")

        assert abs(cursor.fetchone()[0] - timezone.now()) < timedelta(minutes=1)


def test_a_running_desk_answers_as_real_processes(running_desk):
    pids = {child.process.pid for child in running_desk.supervisor.children}

    assert is_ready("127.0.0.1", running_desk.port)
    assert len(pids) == 3


def test_the_browser_reports_what_a_page_does_wrong(live_server, page, browser_complaints):
    page.goto(f"{live_server.url}/livez")

    page.evaluate("console.error('broken')")

    assert [line.split(" (")[0] for line in browser_complaints.lines] == ["error: broken"]
    browser_complaints.lines.clear()
