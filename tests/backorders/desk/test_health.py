import pytest
from django.utils import timezone
from redis.exceptions import OutOfMemoryError

from backorders.runs.allocate_stock import allocate_stock
from config.lib.steady_cache import SteadyCache

pytestmark = pytest.mark.django_db


def test_healthz_says_what_somebody_should_look_at(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["complaints"] == ["the nightly run is overdue", "beat is silent"]


def test_healthz_tells_of_a_redis_that_takes_nothing(client, monkeypatch):
    def refuse(self):
        raise OutOfMemoryError("command not allowed when used memory > maxmemory")

    monkeypatch.setattr(SteadyCache, "takes_writes", refuse)

    answer = client.get("/healthz").json()

    assert (answer["status"], answer["complaints"][-1]) == ("degraded", "Redis is away, full or read-only")


def test_a_nightly_run_silences_its_complaint(client):
    allocate_stock(kind="nightly", now=timezone.now())

    assert client.get("/healthz").json()["complaints"] == ["beat is silent"]
