"""Test databases: one migrated template, kept between runs while no migration changes; every user gets a clone.

The ledger tables refuse TRUNCATE, so a transactional test is cleaned up by cloning the template again, not by a flush.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded import BASE_DIR
from config.embedded.fingerprint import schema_fingerprint
from config.embedded.postgres import APP, OWNER, apply_roles

CLONE_PREFIX = "clone_"
TEMPLATE_PREFIX = "template_desk_"
# Beat counts from here. The template was built by the machine's clock: by a test's, that may be in the future.
SCHEDULED_AT = "UPDATE django_celery_beat_periodictask SET date_changed = %s"


@dataclass(frozen=True)
class CloneUrls:
    """Where to reach one clone, as the application (`url`) and as the owner of its tables (`owner_url`)."""

    name: str
    url: str
    owner_url: str


class TestDatabases:
    __test__ = False

    def __init__(self, superuser_url: str, data: Path) -> None:
        self.superuser_url = superuser_url
        self.data = data
        self.clones = 0
        self.template = f"{TEMPLATE_PREFIX}{schema_fingerprint(BASE_DIR)}"

    def url(self, role: str, name: str) -> str:
        server = self.superuser_url.partition("@")[2].rpartition("/")[0]
        return f"postgresql://{role}@{server}/{name}"

    def prepare(self) -> None:
        """Build the template unless it is there; remove what earlier sessions left behind."""
        with (self.data / "run" / "template").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            names = self._names()
            for name in names:
                if name.startswith(CLONE_PREFIX) and not _is_running(int(name.split("_")[1])):
                    self.drop(name)
            if self.template in names:
                return
            for name in names:
                if name.startswith(TEMPLATE_PREFIX):
                    self._run(f"ALTER DATABASE {name} IS_TEMPLATE false")
                    self.drop(name)
            self._build_template()

    def clone(self, name: str = "") -> CloneUrls:
        """A fresh copy of the template; a given name replaces the clone of that name."""
        if name:
            self.drop(name)
        else:
            self.clones += 1
            name = f"{CLONE_PREFIX}{os.getpid()}_{self.clones}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY file_copy OWNER {OWNER}")
        self._run(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")  # rights on a database are not copied
        clone = CloneUrls(name, self.url(APP, name), self.url(OWNER, name))
        with psycopg.connect(clone.owner_url, autocommit=True) as connection:
            connection.execute(SCHEDULED_AT, [datetime.now(UTC) - timedelta(hours=1)])
        return clone

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextlib.contextmanager
    def cloned(self) -> Iterator[CloneUrls]:
        clone = self.clone()
        try:
            yield clone
        finally:
            self.drop(clone.name)

    def _build_template(self) -> None:
        building = f"{CLONE_PREFIX}{os.getpid()}_template"
        self.drop(building)
        self._run(f"CREATE DATABASE {building} TEMPLATE template0")
        apply_roles(self.superuser_url.rpartition("/")[0] + f"/{building}")
        environment = os.environ | {
            "DATABASE_URL": self.url(APP, building),
            "DATABASE_OWNER_URL": self.url(OWNER, building),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "true",
        }
        migrated = subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if migrated.returncode:
            self.drop(building)
            raise RuntimeError(f"The migrations failed on an empty database:\n{migrated.stdout}{migrated.stderr}")
        self._run(f"ALTER DATABASE {building} RENAME TO {self.template}")
        self._run(f"ALTER DATABASE {self.template} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")

    def _names(self) -> list[str]:
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            return [name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()]

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
