"""One whole run over N open lines beside its floor, several times, each on a database of its own.

The floor is what PostgreSQL needs to copy the open lines out and exactly the rows that the run writes in, with their
keys and indexes built in bulk.
"""

import json
import os
import statistics
import subprocess
import sys
from typing import Any

from config.embedded import BASE_DIR
from tests.reliability.scratch import environment_of, scratch_database

# open lines, repetitions
SIZES = {"S": (100_000, 3), "M": (100_000, 5), "L": (1_000_000, 5)}
SECONDS = 3600


def run(size: str) -> dict[str, Any]:
    lines, times = SIZES[size]
    runs = [_once(lines, number) for number in range(int(os.environ.get("BENCH_TIMES", times)))]
    return {
        "lines": lines,
        "n": len(runs),
        **{name: _spread([run[name] for run in runs]) for name in ("seconds", "floor_seconds", "ratio")},
        "peak_memory_mb": max(run["peak_memory_mb"] for run in runs),
        "rows_written": runs[-1]["rows_written"],
        "lines_changed": runs[-1]["lines_changed"],
    }


def _once(lines: int, number: int) -> dict[str, Any]:
    with scratch_database(f"allocation_{number}") as clone:
        measured = subprocess.run(
            [sys.executable, "manage.py", "bench_allocation", "--lines", str(lines), "--json"],
            env=environment_of(clone, DJANGO_SETTINGS_MODULE="config.settings", LOG_LEVEL="WARNING"),
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    if measured.returncode:
        raise RuntimeError(f"bench_allocation ended with {measured.returncode}:\n{measured.stderr[-3000:]}")
    return json.loads(measured.stdout)


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 2), "least": min(values), "most": max(values)}
