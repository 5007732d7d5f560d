import pytest
from django.db import OperationalError, connection
from redis.exceptions import ConnectionError as RedisConnectionError

from config.lib.steady_cache import SteadyCache


def refuse_connection(*args, **kwargs):
    raise OperationalError("connection refused")


def refuse_redis(*args, **kwargs):
    raise RedisConnectionError("connection refused")


def test_livez_asks_nobody(client):
    response = client.get("/livez")

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_answers_for_database_migrations_and_redis(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json()["status"]) == (200, "ready")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_refuses_without_the_database(client, monkeypatch):
    with monkeypatch.context() as outage:
        outage.setattr(connection, "cursor", refuse_connection)

        response = client.get("/readyz")

    assert (response.status_code, response.json()["status"]) == (503, "unavailable")


@pytest.mark.django_db
def test_readyz_is_only_degraded_without_redis(client, monkeypatch):
    with monkeypatch.context() as outage:
        outage.setattr(SteadyCache, "takes_writes", refuse_redis)

        response = client.get("/readyz")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")


def test_health_takes_no_posts(client):
    assert client.post("/livez").status_code == 405
