#!/usr/bin/env python
"""Django's command line; without DATABASE_URL it brings its own PostgreSQL and Redis (config/embedded/)."""

import os
import subprocess
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from config.celery import app as celery_app
from config.embedded import EmbeddedError, embedded_services
from config.lib.databases import unreachable_database

__all__ = ["celery_app"]


def main() -> None:
    if sys.argv[1:] == ["demo"]:  # the same as `make run`: it starts the servers itself, and Django only behind them
        os.execv(sys.executable, [sys.executable, "-m", "config.launch"])  # noqa: S606
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        with embedded_services(sys.argv):
            execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(str(error))
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        sys.exit(f"`{' '.join(map(str, error.cmd[1:]))}` failed.")
    except OperationalError as error:
        if told := unreachable_database(error):
            sys.exit(told)
        raise


if __name__ == "__main__":
    main()
