"""A whole run over N open lines beside its floor, then a quiet night, by one worker and by two: in turn, several times,
each on a copy of one database.

The floor is what PostgreSQL needs to copy the open lines out and exactly the rows that the run writes in, with their
keys and indexes built in bulk. BENCH_LINES and BENCH_TIMES set the size by hand.
"""

import json
import os
import statistics
import subprocess
import sys
from typing import Any

from config.embedded import BASE_DIR
from tests.kit.databases import CloneUrls
from tests.reliability.scratch import environment_of, scratch_database

# open lines, repetitions
SIZES = {"S": (100_000, 5), "M": (100_000, 7), "L": (1_000_000, 5)}
GOALS = {"ratio": 2.5, "quiet_ratio": 0.2, "two_workers_gain": 1.3, "hot_share": 0.95, "promise_ratio": 1.0}
SECONDS = 3600
FIGURES = ("seconds", "floor_seconds", "ratio", "quiet_seconds", "quiet_ratio")


def run(size: str) -> dict[str, Any]:
    lines, times = SIZES[size]
    lines, times = int(os.environ.get("BENCH_LINES", lines)), int(os.environ.get("BENCH_TIMES", times))
    with scratch_database("allocation_filled") as filled:
        loaded = _command(filled, lines, "--only", "load")
        turns = [(_once(filled, lines, 1), _once(filled, lines, 2)) for _ in range(times)]
    alone, shared = [one for one, _ in turns], [two for _, two in turns]
    gains = [round(one["seconds"] / two["seconds"], 2) for one, two in turns]
    return {
        "lines": lines,
        "n": times,
        **{name: _spread([one[name] for one in alone]) for name in FIGURES},
        "microseconds_per_line": round(statistics.median(one["seconds"] for one in alone) / lines * 1e6, 1),
        "two_workers_seconds": _spread([two["seconds"] for two in shared]),
        "two_workers_gain": _spread(gains),
        "hot_share": min(one["hot_share"] for one in alone),
        "wal_mb": max(one["wal_mb"] for one in alone),
        "peak_memory_mb": max(one["peak_memory_mb"] for one in alone),
        "rows_written": alone[-1]["rows_written"],
        "promise_seconds": loaded["promise_seconds"],
        "promise_ratio": round(loaded["promise_seconds"] / statistics.median(one["seconds"] for one in alone), 2),
        "goals": GOALS,
    }


def _once(filled: CloneUrls, lines: int, workers: int) -> dict[str, Any]:
    with scratch_database("allocation", copy_of=filled) as clone:
        return _command(clone, lines, "--only", "measure", "--workers", str(workers))


def _command(clone: CloneUrls, lines: int, *arguments: str) -> dict[str, Any]:
    measured = subprocess.run(
        [sys.executable, "manage.py", "bench_allocation", "--lines", str(lines), "--json", *arguments],
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
