"""R09: three beats with the same schedule fire the nightly run at once, again and again: one run, no email twice."""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from config.embedded import BASE_DIR
from config.embedded.slots import RedisSlot
from config.test_settings import TEST_DATA_DIR, TEST_REDIS_URL
from tests.kit.databases import CloneUrls
from tests.kit.smtp_sink import running_sink
from tests.reliability.scratch import act, as_owner, environment_of, scratch_database

BEATS = 3
SECONDS_TO_FIRE = 300
# How often the beats fire together once the run is there, before somebody looks.
FIRINGS = {"S": 9, "M": 60, "L": 300}
TICK = '"child_task_name": "backorders.allocate_nightly"'
SHORTER = (
    "UPDATE backorders_desksettings SET nightly_hour = 0",
    "INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (1, 'seconds')",
    """UPDATE django_celery_beat_periodictask SET
    interval_id = (SELECT max(id) FROM django_celery_beat_intervalschedule),
    enabled = task IN ('backorders.allocate_nightly', 'notifications.deliver_messages')""",
)


def run(size: str) -> dict[str, Any]:
    with (
        scratch_database("r09") as clone,
        RedisSlot(TEST_DATA_DIR, TEST_REDIS_URL) as slot,
        running_sink() as sink,
        tempfile.TemporaryDirectory(prefix="r09-") as logs,
    ):
        act("r08", "fill", clone, products=3, lines=4)
        as_owner(clone, *SHORTER)
        environment = environment_of(
            clone, REDIS_URL=slot.url, EMAIL_URL=sink.url, DJANGO_SETTINGS_MODULE="config.settings", LOG_LEVEL="INFO"
        )
        with _desk(environment, Path(logs)):
            _wait(lambda: _firings(Path(logs)) >= FIRINGS[size] and _finished(clone) and not _unsent(clone), Path(logs))
        mails = Counter(email.message["Message-ID"] for email in sink.received)
        runs, messages = _counts(clone)
        return {
            "beats_that_fired": sum(TICK in log.read_text() for log in Path(logs).glob("beat*.log")),
            "firings": _firings(Path(logs)),
            "runs": runs,
            "messages": messages,
            "mails": sum(mails.values()),
            "mails_twice": sum(count > 1 for count in mails.values()),
        }


@contextlib.contextmanager
def _desk(environment: Mapping[str, str], logs: Path) -> Iterator[None]:
    """Three beats and a worker with two children; each is stopped by its own id."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "config.celery"]
    beat = [*celery, "beat", "--loglevel=INFO", "--pidfile=", "--max-interval=1"]
    worker = [*celery, "worker", "--concurrency=2", "--loglevel=WARNING", "--without-gossip", "--without-mingle"]
    commands = {f"beat{number}": beat for number in range(BEATS)} | {"worker": worker}
    children = []
    try:
        for name, command in commands.items():
            with (logs / f"{name}.log").open("w") as log:
                children.append(subprocess.Popen(command, env=environment, cwd=BASE_DIR, stdout=log, stderr=log))
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait(condition: Any, logs: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_FIRE
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.5)
    told = "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in sorted(logs.iterdir()))
    raise AssertionError(f"The beats did not bring a run about in {SECONDS_TO_FIRE} s:\n{told}")


def _firings(logs: Path) -> int:
    return sum(log.read_text().count(TICK) for log in logs.glob("beat*.log"))


def _finished(clone: CloneUrls) -> bool:
    return _counts(clone)[0] == [["nightly", "finished"]]


def _unsent(clone: CloneUrls) -> int:
    return sum(count for status, count in _counts(clone)[1].items() if status not in {"sent", "bundled"})


def _counts(clone: CloneUrls) -> tuple[list[list[str]], dict[str, int]]:
    with psycopg.connect(clone.url) as connection:
        runs = connection.execute("SELECT kind, status FROM backorders_allocationrun").fetchall()
        messages = connection.execute("SELECT status, COUNT(*) FROM notifications_message GROUP BY 1").fetchall()
    return [list(row) for row in runs], dict(messages)
