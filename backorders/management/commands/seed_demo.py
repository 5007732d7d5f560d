from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from backorders.management.seeding.figures import story_figures
from backorders.management.seeding.sizes import SIZES
from backorders.management.seeding.story import is_empty, is_told, tell_story
from backorders.oversight.queries.invariants import check_invariants
from config.lib.commands import DeskCommand


class Command(DeskCommand):
    help = "Tell the year of a made-up distributor through the services; a second time does nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--seed", type=int, default=7, help="another number tells another year")
        parser.add_argument("--size", choices=SIZES, default="M", help="how much of it (M unless named)")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        now = timezone.now()
        today = timezone.localdate(now)
        if is_told():
            self.progress("The demo story is here already: nothing was changed.")
            return story_figures(changed=False, today=today), 0
        if not is_empty():
            self.progress("Somebody works with this desk already: the demo story is only for an empty one.")
            return {"changed": False}, 1
        with transaction.atomic():
            tell_story(seed=options["seed"], size=options["size"], now=now, progress=self.progress)
            report = check_invariants()
            for sentence in report.sentences():
                self.progress(sentence)
            figures = story_figures(changed=report.ok and not options["dry_run"], today=today)
            transaction.set_rollback(options["dry_run"] or not report.ok)
        self.progress("All invariants hold." if report.ok else "An invariant is broken: nothing was written.")
        return figures, 0 if report.ok else 1
