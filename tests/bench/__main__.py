"""`make bench`: every benchmark of this package on a database of its own, one JSON object on standard output.

A benchmark is a module with `run(size)`; it finds the default connection on a fresh copy of the migrated database.
"""

import argparse
import importlib
import json
import os
import pkgutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import django

NAMES = sorted(found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]) if found.name != "__main__")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--size", choices=["S", "M", "L"], default="S")
    parser.add_argument("--only", choices=NAMES)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.test_settings"
    django.setup()
    report: dict[str, Any] = {"size": options.size}
    for name in [options.only] if options.only else NAMES:
        run = _run_of(importlib.import_module(f"tests.bench.{name}"))
        if run:
            began = time.monotonic()
            with _own_database(name):
                report[name] = run(options.size)
            sys.stderr.write(f"{name} took {time.monotonic() - began:.0f} s\n")
    sys.stdout.write(f"{json.dumps(report, indent=2)}\n")


def _run_of(module: ModuleType) -> Callable[[str], dict[str, Any]] | None:
    return getattr(module, "run", None)


@contextmanager
def _own_database(name: str) -> Iterator[None]:
    from django.db import connections  # noqa: PLC0415 - after setup

    from tests.reliability.scratch import scratch_database  # noqa: PLC0415

    with scratch_database(f"bench_{name}") as clone:
        for alias in ("default", "owner"):
            connections[alias].settings_dict["NAME"] = clone.name
        try:
            yield
        finally:
            connections.close_all()


if __name__ == "__main__":
    main()
