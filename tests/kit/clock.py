"""The day on which the tests take place, in this process and in all that it starts. PostgreSQL keeps the real one.

`SUITE_DATE=2028-02-29 make test` shows that nothing hangs on that day either.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path

import time_machine

WEDNESDAY = "2026-11-18"
TODAY = datetime.combine(date.fromisoformat(os.environ.get("SUITE_DATE", WEDNESDAY)), time_of_day(10), UTC)
# There the interpreter finds `sitecustomize`, which sets the clock of a process as its first act.
os.environ["PYTHONPATH"] = str(Path(__file__).parent / "every_process")


@contextmanager
def running_from(moment: datetime) -> Iterator[None]:
    os.environ["CLOCK_OFFSET"] = str(moment.timestamp() - time.time())
    try:
        with time_machine.travel(moment):
            yield
    finally:
        del os.environ["CLOCK_OFFSET"]
