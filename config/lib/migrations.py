"""An operation for initial migrations."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.compiler import Trigger


class InstallTriggers(Operation):
    """Install the triggers that the models of this app name in their options.

    Hundreds of single operations each render all models anew: they took most of a minute of a first `migrate`.
    Triggers that come later have operations of their own, as pgtrigger writes them.
    """

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models carry their triggers from their creation on."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for model, trigger in _triggers(app_label, to_state):
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for model, trigger in _triggers(app_label, to_state):
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.execute(trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        return "Install the triggers of the app's models"


def _triggers(app_label: str, state: ProjectState) -> list[tuple[Any, Trigger]]:
    return [
        (model, trigger)
        for model in state.apps.get_app_config(app_label).get_models()
        for trigger in getattr(model._meta, "triggers", [])
    ]
