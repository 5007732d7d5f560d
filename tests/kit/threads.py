"""Two people, or one double click: what arrives at the same moment, in real threads with connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from config.lib.errors import DomainError


def at_the_same_time(*actions: Callable[[], Any]) -> list[Any]:
    """The outcome of each action, or the refusal that it raised. The test needs `django_db(transaction=True)`."""
    start = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=60)
            return action()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions, timeout=60))
