from typing import Any

from django.utils import timezone

from backorders.oversight.pruning import prune
from config.lib.commands import DeskCommand


class Command(DeskCommand):
    help = "Forget what has run out: what old runs saw (SNAPSHOT_DAYS), expired logins. History stays."

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        return prune(now=timezone.now(), dry_run=options["dry_run"]), 0
