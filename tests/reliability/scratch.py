"""Databases of their own for the runs, and one process per run in which their actors live."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg

from config.embedded import BASE_DIR
from config.test_settings import TEST_DATA_DIR, TEST_SUPERUSER_URL
from tests.kit.databases import CloneUrls, TestDatabases

SECONDS_TO_END = 3000


@contextlib.contextmanager
def scratch_database(label: str, *, copy_of: CloneUrls | None = None) -> Iterator[CloneUrls]:
    """A clone of the template, or of a database that a run has filled."""
    databases = TestDatabases(TEST_SUPERUSER_URL, TEST_DATA_DIR)
    databases.prepare()
    if copy_of:
        databases.template = copy_of.name
    name = f"clone_{os.getpid()}_{label}"
    clone = databases.clone(name)
    try:
        yield clone
    finally:
        databases.drop(name)


def environment_of(clone: CloneUrls, **extra: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": clone.url,
        "DATABASE_OWNER_URL": clone.owner_url,
        "DJANGO_SETTINGS_MODULE": "tests.reliability.settings",
        "DEBUG": "true",
        "SITE_URL": "http://127.0.0.1:8000",
        **extra,
    }


def act(
    module: str, action: str, clone: CloneUrls, *, environment: dict[str, str] | None = None, **arguments: Any
) -> Any:
    """Call a function of a run's module in a process of its own, connected to the clone; returns what it returned."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability.actor", module, action, json.dumps(arguments)],
        env=environment_of(clone, **(environment or {})),
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_TO_END,
    )
    if done.returncode:
        raise RuntimeError(f"{module}.{action} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def deadlocks(clone: CloneUrls) -> int:
    """How many deadlocks PostgreSQL counted in this database so far."""
    return _value("SELECT deadlocks FROM pg_stat_database WHERE datname = %s", clone.name)


def as_owner(clone: CloneUrls, *statements: str) -> None:
    with psycopg.connect(clone.owner_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def as_superuser(clone: CloneUrls, *statements: str) -> None:
    """What nobody can do but who owns the machine."""
    url = f"{TEST_SUPERUSER_URL.rpartition('/')[0]}/{clone.name}"
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _value(query: str, *parameters: object) -> int:
    with psycopg.connect(TEST_SUPERUSER_URL, autocommit=True) as connection:
        row = connection.execute(query, parameters).fetchone()
    assert row
    return row[0]
