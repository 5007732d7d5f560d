"""Redis away or hung: a page is a moment slower, and what was decided stands."""

import socket
import time
from collections.abc import Iterator

import pytest

from backorders import tasks
from config.lib import steady_cache
from config.lib.enqueue import hint
from config.lib.steady_cache import SteadyCache


@pytest.fixture(params=["away", "hung"])
def lost_redis(request) -> Iterator[str]:
    """An address at which nobody listens, or takes every connection and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "hung":
            listener.listen(50)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def cache(lost_redis, monkeypatch) -> SteadyCache:
    monkeypatch.setattr(steady_cache, "_until", 0.0)
    return SteadyCache(lost_redis, {"OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}})


def test_the_cache_goes_on_in_memory_and_asks_redis_once_in_a_while(cache):
    began = time.monotonic()
    for _ in range(100):
        cache.set("tries", 3)

    assert (cache.get("tries"), cache.incr("tries"), cache.add("tries", 1), cache.get("other")) == (3, 4, False, None)
    assert time.monotonic() - began < 10


@pytest.mark.django_db
def test_a_hint_that_nobody_takes_costs_a_moment_and_no_error(lost_redis, settings, django_capture_on_commit_callbacks):
    settings.CELERY_BROKER_URL = lost_redis

    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        hint(tasks.continue_runs)

    assert time.monotonic() - began < 10
