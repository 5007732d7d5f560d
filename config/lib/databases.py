"""The two roles in the database, and telling a database that cannot be reached from a mistake in the code."""

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connections
from psycopg import sql

from config.lib.triggers import is_append_only


def unreachable_database(error: OperationalError) -> str:
    """One line for the terminal when no connection came about at all; empty for every other error."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.OperationalError) or cause.sqlstate is not None:
        return ""
    database = settings.DATABASES["default"]
    place = f"{database['HOST'] or 'localhost'}{':' + str(database['PORT']) if database['PORT'] else ''}"
    why = str(cause).strip().splitlines()[-1].strip()
    return f"The database {database['NAME']} at {place} cannot be reached (DATABASE_URL): {why}"


def forget_trigger_switch() -> None:
    """Make the triggers hold for everybody.

    pgtrigger asks this function first whether the session setting `pgtrigger.ignore` names the trigger, and any role
    may write that setting: `SET pgtrigger.ignore = '{…}'` would switch off a ledger's protection.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean"
            " LANGUAGE sql IMMUTABLE AS 'SELECT false'"
        )


def grant_rights() -> None:
    """Let the application's role read and write all tables, and only append to those that are append-only.

    Nothing to do where the application connects as the owner itself.
    """
    owner, application = (str(settings.DATABASES[alias]["USER"]) for alias in ("owner", "default"))
    if owner == application or not application:
        return
    role = sql.Identifier(application)
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(role),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
    ]
    for model in apps.get_models():
        if is_append_only(model):
            table = sql.Identifier(model._meta.db_table)
            statements.append(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(table, role))
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
