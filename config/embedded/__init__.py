"""PostgreSQL and Redis without an installation, for development, the demo and the tests.

`embedded_services()` surrounds every `manage.py` command. Where DATABASE_URL (or REDIS_URL) is given it leaves that
server alone; else it starts the embedded one in `.data/`, or uses the one that another process has started there, and
puts the URLs in the environment. The last process to end stops the server (config/embedded/keeper.py).
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import environ

from config.embedded.fingerprint import schema_fingerprint
from config.embedded.membership import BASE_DIR, Membership
from config.embedded.server import Report
from config.lib.errors import EmbeddedError

__all__ = ["BASE_DIR", "DATA_DIR", "EmbeddedError", "Membership", "embedded_services", "start_services"]

environ.Env.read_env(BASE_DIR / ".env")
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data")
MIGRATED_MARKER = DATA_DIR / "run" / "migrated"
NEEDS_NO_SERVER = {"help", "version", "--help", "-h", "--version", "makemessages", "compilemessages"}
MIGRATES_ITSELF = {"migrate", "makemigrations", "showmigrations", "sqlmigrate"}
OFF = {"false", "0", "off", "no", "f", "n"}


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def say_step(step: str, seconds: float) -> None:
    say(f"{step} in {seconds:.1f} s")


@contextlib.contextmanager
def embedded_services(arguments: Sequence[str]) -> Iterator[None]:
    """Servers for one `manage.py` command. With DEBUG off nothing is started: production names its servers."""
    command = arguments[1] if len(arguments) > 1 else "help"
    debug = os.environ.get("DEBUG", "false" if os.environ.get("DATABASE_URL") else "true")
    if command in NEEDS_NO_SERVER or debug.lower() in OFF:
        yield
        return
    os.environ["DEBUG"] = debug
    steps: list[str] = []
    with start_services(report=lambda step, seconds: steps.append(f"{step} in {seconds:.1f} s")) as brought_database:
        if steps:
            say(f"({', '.join(steps)})")
        if brought_database and command not in MIGRATES_ITSELF:
            migrate_when_needed()
        yield


@contextlib.contextmanager
def start_services(*, data: Path = DATA_DIR, durable: bool = True, report: Report = say_step) -> Iterator[bool]:
    """Start or join the servers whose URL is not given; yields whether the database is an embedded one."""
    refuse_unusable_folder(data)
    memberships = []
    needs_database = not os.environ.get("DATABASE_URL")
    try:
        if needs_database:
            memberships.append(Membership("postgres", data, durable=durable, report=report))
        if not os.environ.get("REDIS_URL"):
            memberships.append(Membership("redis", data, durable=durable, report=report))
        for membership in memberships:
            os.environ.update({key: url for key, url in membership.urls.items() if "SUPERUSER" not in key})
        yield needs_database
    finally:
        for membership in reversed(memberships):
            began = time.monotonic()
            if membership.leave() and report is say_step:
                say_step(f"{membership.name} stopped", time.monotonic() - began)


def refuse_unusable_folder(data: Path) -> None:
    """A folder that cannot be made, is another person's or lies on a full disk is told before anything starts."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data) as probe:
            probe.write(b"room")
    except OSError as error:
        raise EmbeddedError(
            f"Nothing can be written in {data} ({error.strerror}): make room there, or name another folder by DATA_DIR."
        ) from error


def migrate_when_needed() -> None:
    """Run `migrate` in a process of its own when a migration came or went since the last time."""
    if is_migrated():
        return
    began = time.monotonic()
    subprocess.run(
        [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"], check=True, stdout=sys.stderr
    )
    note_migrated()
    say_step("Migrations applied", time.monotonic() - began)


def is_migrated() -> bool:
    """Whether the embedded database was migrated by the code as it is now."""
    return MIGRATED_MARKER.exists() and MIGRATED_MARKER.read_text() == schema_fingerprint(BASE_DIR)


def note_migrated() -> None:
    MIGRATED_MARKER.write_text(schema_fingerprint(BASE_DIR))
