"""The endpoint for bounced addresses: only signed, fresh, new and understandable reports count."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications.models import BounceReport, Suppression
from notifications.services.bounces import signature_of

pytestmark = pytest.mark.django_db
REPORT = {"id": "evt-1", "address": "Gone@customer.example", "type": "hard", "reason": "550 5.1.1 User unknown"}


@pytest.fixture(autouse=True)
def secret(settings):
    settings.BOUNCE_WEBHOOK_SECRET = "a secret of the mail service"


def report(values=None, *, off=timedelta(), signature=None, body=None):
    """`off`: how far the sender's clock, or the way of the report, is off; counted when the test runs."""
    body = body if body is not None else json.dumps(REPORT | (values or {})).encode()
    timestamp = str(int((timezone.now() + off).timestamp()))
    return Client(enforce_csrf_checks=True).post(
        "/messages/bounces/",
        body,
        content_type="application/json",
        headers={"X-Timestamp": timestamp, "X-Signature": signature or signature_of(body, timestamp)},
    )


def test_a_refused_address_is_not_written_to_any_more():
    response = report()

    assert (response.status_code, response.json()) == (200, {"suppressed": True})
    suppression = Suppression.objects.get()
    assert (suppression.address, suppression.reason) == (
        "gone@customer.example",
        "Permanent failure: 550 5.1.1 User unknown",
    )


@pytest.mark.parametrize(("kind", "suppressed"), [("hard", True), ("complaint", True), ("soft", False)])
def test_a_full_mailbox_is_kept_in_mind_only(kind, suppressed):
    report({"type": kind})

    assert BounceReport.objects.get().kind == kind
    assert Suppression.objects.exists() == suppressed


def test_a_second_event_about_the_same_address_changes_nothing_more():
    answers = [report({"id": f"evt-{number}"}).status_code for number in (1, 2)]

    assert answers == [200, 200]
    assert Suppression.objects.count() == 1


def test_a_repeated_event_is_refused():
    first = report()
    response = report({"address": "other@customer.example"})

    assert (first.status_code, response.status_code) == (200, 409)
    assert "evt-1 is known already" in response.json()["error"]
    assert Suppression.objects.get().address == "gone@customer.example"


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": "0" * 64},
        {"signature": "ü"},
        {"off": -timedelta(minutes=6)},
        {"off": timedelta(minutes=10)},
    ],
)
def test_an_unsigned_or_old_report_is_refused(wrong):
    assert report(**wrong).status_code == 403
    assert not BounceReport.objects.exists()


def test_a_report_without_headers_is_refused():
    response = Client().post("/messages/bounces/", b"{}", content_type="application/json")

    assert response.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 5000,
        json.dumps(REPORT | {"address": "a@customer.example, b@customer.example"}).encode(),
        json.dumps(REPORT | {"address": "a@customer.example\nBcc: b@customer.example"}).encode(),
        json.dumps(REPORT | {"address": ""}).encode(),
        json.dumps(REPORT | {"type": "rumour"}).encode(),
        json.dumps(REPORT | {"type": ["hard"]}).encode(),
        json.dumps(REPORT | {"id": ""}).encode(),
        json.dumps(REPORT | {"reason": "a\x00b"}).encode(),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(body):
    assert report(body=body).status_code == 400
    assert not BounceReport.objects.exists()


def test_a_report_that_is_too_long_is_refused():
    assert report({"reason": "x" * 30_000}).status_code == 413


def test_without_a_secret_there_is_no_endpoint(settings):
    settings.BOUNCE_WEBHOOK_SECRET = ""

    assert report(signature="x").status_code == 404


def test_looking_is_no_report(client):
    assert client.get("/messages/bounces/").status_code == 405
