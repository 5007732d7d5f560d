"""Telling a database that cannot be reached, or is busy, from a mistake in the code."""

import psycopg
from django.conf import settings
from django.db import OperationalError


def unreachable_database(error: OperationalError) -> str:
    """One line for the terminal when no connection came about at all; empty for every other error."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.OperationalError) or cause.sqlstate is not None:
        return ""
    database = settings.DATABASES["default"]
    place = f"{database['HOST'] or 'localhost'}{':' + str(database['PORT']) if database['PORT'] else ''}"
    why = str(cause).strip().splitlines()[-1].strip()
    return f"The database {database['NAME']} at {place} cannot be reached (DATABASE_URL): {why}"
