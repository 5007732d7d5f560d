"""`make reliability`: the load and fault runs, one JSON object on standard output. `--only R01` runs one of them."""

import argparse
import importlib
import json
import os
import pkgutil
import sys
import time
from pathlib import Path
from typing import Any

import django

RUNS = sorted(found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]) if found.name[1:].isdigit())


def main() -> None:
    parser = argparse.ArgumentParser(prog="make reliability")
    parser.add_argument("--size", choices=["S", "M", "L"], default="S")
    parser.add_argument("--only", choices=[name.upper() for name in RUNS])
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.test_settings"
    django.setup()
    report: dict[str, Any] = {"size": options.size}
    for name in [options.only.lower()] if options.only else RUNS:
        began = time.monotonic()
        report[name.upper()] = importlib.import_module(f"tests.reliability.{name}").run(options.size)
        sys.stderr.write(f"{name.upper()} took {time.monotonic() - began:.0f} s\n")
    sys.stdout.write(f"{json.dumps(report, indent=2)}\n")


if __name__ == "__main__":
    main()
