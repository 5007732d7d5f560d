import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.commands.makemigrations import Command as MakeMigrations
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

OWN_APPS = ("backorders", "customers", "inventory", "notifications")
WHAT_IS_THERE = """
    SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')
    UNION ALL SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_%'
    UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    ORDER BY name
"""


def what_is_there() -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(WHAT_IS_THERE)
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db
def test_every_model_change_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_changed_trigger_gets_a_migration_of_its_own():
    loader = MigrationLoader(None)
    migrated, wanted = loader.project_state(), ProjectState.from_apps(apps)
    triggers = wanted.models["backorders", "allocation"].options["triggers"]
    changed = next(trigger for trigger in triggers if trigger.name == "never_deleted")
    changed.operation, kept = "UPDATE", changed.operation

    try:
        found = MakeMigrations.autodetector(migrated, wanted).changes(loader.graph)
    finally:
        changed.operation = kept

    removed, added = found["backorders"][0].operations
    assert (type(removed), removed.name) == (RemoveTrigger, "never_deleted")
    assert (type(added), added.trigger.name) == (AddTrigger, "never_deleted")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_all_migrations_can_be_undone_and_done_again():
    before = what_is_there()

    for app in OWN_APPS:
        call_command("migrate", app, "zero", verbosity=0)
    undone = what_is_there()
    call_command("migrate", verbosity=0)

    assert [name for name in undone if name.startswith(tuple(f"{app}_" for app in OWN_APPS))] == []
    assert what_is_there() == before
