"""Django's `migrate`, run as the owner of the tables: the role that the application uses may not change them."""

from typing import Any

from django.core.checks import Tags
from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from backorders.oversight.roles import sync_roles
from backorders.oversight.schedule import sync_schedule
from backorders.oversight.sign_in import write_sign_in_rules
from config.lib.databases import forget_trigger_switch, grant_rights


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def check(self, *args: Any, **options: Any) -> None:
        """What a migration needs: pages and templates are looked at by `check`."""
        super().check(*args, **options | {"tags": [Tags.models, Tags.database]})

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["database"] != "owner" or options["plan"]:
            return
        forget_trigger_switch()
        if not options["app_label"]:
            sync_roles()
            sync_schedule()
            write_sign_in_rules()
            grant_rights()
