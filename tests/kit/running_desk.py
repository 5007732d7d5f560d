"""A whole desk as real processes: gunicorn, worker and beat on a cloned database, its mail going to the SMTP sink."""

import contextlib
import csv
import fcntl
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.desk import desk_commands, is_ready
from config.embedded import BASE_DIR
from config.embedded.slots import RedisSlot
from config.supervisor import Supervisor
from config.test_settings import TEST_DATA_DIR, TEST_REDIS_URL
from tests.kit.databases import CloneUrls, TestDatabases
from tests.kit.smtp_sink import SmtpSink, free_port

SECONDS_TO_ANSWER = 180
USERNAME, PASSWORD = "hannah", "a-long-enough-word"
CALL_EACH = """
import json, sys, django
django.setup()
from django.core.management import call_command
for arguments in json.loads(sys.argv[1]):
    call_command(*arguments)
"""


@dataclass
class RunningDesk:
    port: int
    database: CloneUrls
    environment: dict[str, str]
    supervisor: Supervisor

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """The last lines that each process wrote."""
        tails = []
        for child in self.supervisor.children:
            path = self.supervisor.log(child.name)
            tails.append(f"--- {child.name}\n{path.read_text(errors='replace')[-8000:] if path.exists() else ''}")
        return "\n".join(tails)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command against this desk."""
        return subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
            env=self.environment,
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        )

    def fill(self, files: Mapping[str, Sequence[Mapping[str, str]]], folder: Path) -> None:
        """Import these rows by kind, and let a person in who may do everything: USERNAME with PASSWORD."""
        for kind, rows in files.items():
            with (folder / kind).open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        commands = [["import_csv", kind, str(folder / kind), "--strict"] for kind in files]
        person = ["createsuperuser", "--no-input", "--username", USERNAME, "--email", f"{USERNAME}@example.com"]
        subprocess.run(
            [sys.executable, "-c", CALL_EACH, json.dumps([*commands, person])],
            env=self.environment | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD},
            cwd=BASE_DIR,
            capture_output=True,
            check=True,
        )


@contextlib.contextmanager
def running_desk_on(databases: TestDatabases, sink: SmtpSink, *, web_workers: int = 1) -> Iterator[RunningDesk]:
    port = free_port()
    with (
        databases.cloned() as clone,
        RedisSlot(TEST_DATA_DIR, TEST_REDIS_URL) as slot,
        tempfile.TemporaryDirectory(prefix="desk-") as logs,
    ):
        environment = os.environ | {
            "DATABASE_URL": clone.url,
            "DATABASE_OWNER_URL": clone.owner_url,
            "REDIS_URL": slot.url,
            "EMAIL_URL": sink.url,
            "DEBUG": "false",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "STATIC_ROOT": str(TEST_DATA_DIR / "static-collected"),
            "LOG_LEVEL": "INFO",
        }
        _collect_static(environment)
        supervisor = Supervisor(
            desk_commands(host="127.0.0.1", port=port, web_workers=web_workers),
            environment=environment,
            cwd=BASE_DIR,
            say=lambda line: None,
            logs=Path(logs),
        )
        desk = RunningDesk(port, clone, environment, supervisor)
        supervisor.start()
        try:
            _wait_until_ready(desk)
            yield desk
        finally:
            supervisor.stop()


@pytest.fixture
def running_desk(test_databases: TestDatabases, smtp_sink: SmtpSink) -> Iterator[RunningDesk]:
    """A desk that answers at `running_desk.url` and sends its emails to `smtp_sink`; its log is shown on failure."""
    with running_desk_on(test_databases, smtp_sink) as desk:
        yield desk
        sys.stdout.write(desk.log)  # pytest shows it when the test failed


def _collect_static(environment: dict[str, str]) -> None:
    """Once for all workers of a test run; a test that runs alone collects anew."""
    test_run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    with (TEST_DATA_DIR / "run" / "collectstatic").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if test_run and lock.read() == test_run:
            return
        subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), "collectstatic", "--no-input", "--verbosity", "0"],
            env=environment,
            check=True,
            capture_output=True,
        )
        lock.truncate(0)
        lock.write(test_run)


def _wait_until_ready(desk: RunningDesk) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < deadline:
        if is_ready("127.0.0.1", desk.port):
            return
        time.sleep(0.1)
    raise AssertionError(f"The desk did not answer in {SECONDS_TO_ANSWER} s:\n{desk.log}")
