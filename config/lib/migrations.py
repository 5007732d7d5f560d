"""Operations of the migrations: all models of an app as one change of state, room in pages, number sequences."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.compiler import Trigger, UpsertTriggerSql


class CreateModels(Operation):
    """Create the models, each with the triggers that the file `triggers` in the folder of the migrations gives it.

    Django renders all related models anew for every single model that is added or gets a trigger: that took twenty
    seconds of a first `migrate`. Here they are rendered once. Triggers that come later have operations of their own,
    as pgtrigger writes them.
    """

    serialization_expand_args = ["models"]
    reduces_to_sql = True
    reversible = True

    def __init__(self, models: Sequence[CreateModel], triggers: str) -> None:
        self.models = models
        self.triggers = triggers

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        state.is_delayed = False
        for model in self.models:
            model.state_forwards(app_label, state)
        for name, triggers in read_triggers(app_label, self.triggers).items():
            state.models[app_label, name].options["triggers"] = triggers

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """All tables, then all triggers in one go. pgtrigger would install each of them with its table."""
        installed = []
        for model in self.models:
            options: Any = to_state.apps.get_model(app_label, model.name)._meta
            triggers, options.triggers = getattr(options, "triggers", []), []
            model.database_forwards(app_label, schema_editor, from_state, to_state)
            options.triggers = triggers
            if self.allow_migrate_model(schema_editor.connection.alias, options.model):
                installed += [trigger.install_sql for trigger in triggers]
        schema_editor.execute("".join(installed), params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "Create the models of the app with their triggers"


def read_triggers(app_label: str, file_name: str) -> dict[str, list[Trigger]]:
    """By model. The text is kept as it was installed, so that a later change of the model finds what it replaces."""
    path = Path(apps.get_app_config(app_label).path) / "migrations" / file_name
    return {
        model: [Trigger(name=name, sql=UpsertTriggerSql(**sql)) for name, sql in triggers.items()]
        for model, triggers in json.loads(path.read_text()).items()
    }


def page_fill(table: str, *, percent: int) -> RunSQL:
    """How full a page is at first; the rest is room for new versions of its rows."""
    return RunSQL(f"ALTER TABLE {table} SET (fillfactor = {percent})", f"ALTER TABLE {table} RESET (fillfactor)")


def number_sequence(name: str, *, start: int) -> RunSQL:
    return RunSQL(f"CREATE SEQUENCE {name} START {start}", f"DROP SEQUENCE {name}")
