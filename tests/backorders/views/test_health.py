import pytest
from django.utils import timezone

from backorders.services.allocation import allocate_stock

pytestmark = pytest.mark.django_db


def test_healthz_says_what_somebody_should_look_at(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["complaints"] == ["the nightly run is overdue", "beat is silent"]


def test_a_nightly_run_silences_its_complaint(client):
    allocate_stock(kind="nightly", now=timezone.now())

    assert client.get("/healthz").json()["complaints"] == ["beat is silent"]
