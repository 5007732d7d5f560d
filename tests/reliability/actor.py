"""The process in which a run's actors live: `python -m tests.reliability.actor r01 load '{"clients": 4}'`.

It opens no connection itself before it forks, so that every child has its own.
"""

import importlib
import json
import sys

import django


def main() -> None:
    django.setup()
    _without_locks()
    module, action, arguments = sys.argv[1:]
    answer = getattr(importlib.import_module(f"tests.reliability.{module}"), action)(**json.loads(arguments))
    sys.stdout.write(f"\n{json.dumps(answer)}\n")


def _without_locks() -> None:
    """The negative control: whatever asks for row locks gets none."""
    from django.conf import settings  # noqa: PLC0415 - after setup
    from django.db.models import QuerySet  # noqa: PLC0415

    if getattr(settings, "WITHOUT_LOCKS", False):
        QuerySet.select_for_update = lambda self, **how: self._chain()  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
