"""One name means one thing."""

import ast
from collections import defaultdict
from pathlib import Path

from config.embedded import BASE_DIR

APPS = ("backorders", "config", "customers", "inventory", "notifications")
# Django finds these by their names.
GIVEN_NAMES = {"Command", "Meta"}


def homes_by_class_name() -> dict[str, list[str]]:
    homes: dict[str, list[str]] = defaultdict(list)
    for app in APPS:
        for path in sorted(Path(BASE_DIR / app).rglob("*.py")):
            if "migrations" not in path.parts:
                for node in ast.parse(path.read_text("utf-8")).body:
                    if isinstance(node, ast.ClassDef):
                        homes[node.name].append(str(path.relative_to(BASE_DIR)))
    return homes


def test_no_class_name_means_two_things():
    homes = homes_by_class_name()

    twice = {name: paths for name, paths in homes.items() if len(paths) > 1 and name not in GIVEN_NAMES}

    assert twice == {}
