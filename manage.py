#!/usr/bin/env python
"""Django's command line; without DATABASE_URL it brings its own PostgreSQL and Redis (config/embedded.py)."""

import os
import sys

from django.core.management import execute_from_command_line

from config.embedded import embedded_services


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with embedded_services():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
