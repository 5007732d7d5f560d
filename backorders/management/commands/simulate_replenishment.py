import time
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backorders.engine.forecasting.rehearsal import made_up_world, minimum_and_maximum, play, proposals
from config.lib.commands import DeskCommand

SAFETY_WEEKS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
PERCENT = {"A": 95.0, "B": 95.0, "C": 98.0}  # what a new desk starts with
WRONG_USAGE = 2


class Command(DeskCommand):
    help = "Play a year of invented demand: buying by the desk's proposals beside fixed minimum and maximum stock."
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--products", type=int, default=200, metavar="N")
        parser.add_argument("--weeks", type=int, default=52, metavar="N")
        parser.add_argument("--seed", type=int, default=7, metavar="N")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        if not 5 <= options["products"] <= 10_000 or not 1 <= options["weeks"] <= 520:
            raise CommandError("Play 5 to 10,000 products and 1 to 520 weeks.", returncode=WRONG_USAGE)
        began = time.monotonic()
        world = made_up_world(products=options["products"], weeks=options["weeks"], seed=options["seed"])
        fixed = {}
        for weeks in SAFETY_WEEKS:
            fixed[f"{weeks:g} weeks of safety"] = asdict(play(world, minimum_and_maximum(world, safety_weeks=weeks)))
        self.progress("fixed rules played")
        ours = asdict(play(world, proposals(world, percent=PERCENT)))
        return {
            "products": options["products"],
            "weeks": options["weeks"],
            "seed": options["seed"],
            "proposals": ours,
            "minimum_and_maximum": fixed,
            "seconds": round(time.monotonic() - began, 1),
        }, 0
