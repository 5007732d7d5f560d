import time
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backorders.engine.forecasting.rehearsal import (
    SimulatedMarket,
    foretell,
    made_up_world,
    minimum_and_maximum,
    play,
    proposals,
    stock_at,
    tried_out,
)
from config.lib.commands import WRONG_USAGE, DeskCommand

SAFETY_WEEKS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)
STANDARD = (95.0, 95.0, 98.0)  # of A, B and C: what a new desk starts with
SERVICE_LEVELS = ((80.0, 85.0, 90.0), (90.0, 93.0, 96.0), STANDARD, (95.0, 97.0, 99.0), (97.5, 98.0, 99.0))
WANTED = 0.95  # the fill rate that the fixed rule is tuned for


class Command(DeskCommand):
    help = "Play a year of invented demand: buying by the desk's proposals beside fixed minimum and maximum stock."
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--products", type=int, default=200, metavar="N")
        parser.add_argument("--weeks", type=int, default=52, metavar="N")
        parser.add_argument("--seed", type=int, default=7, metavar="N")
        parser.add_argument("--seeds", type=int, default=1, metavar="N", help="how many years, each of the next seed")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        if not 5 <= options["products"] <= 10_000 or not 1 <= options["weeks"] <= 520:
            raise CommandError("Play 5 to 10,000 products and 1 to 520 weeks.", returncode=WRONG_USAGE)
        if not 1 <= options["seeds"] <= 100:
            raise CommandError("Play 1 to 100 seeds.", returncode=WRONG_USAGE)
        began = time.monotonic()
        years = []
        for seed in range(options["seed"], options["seed"] + options["seeds"]):
            world = made_up_world(products=options["products"], weeks=options["weeks"], seed=seed)
            years.append({"seed": seed} | _year(world))
            self.progress(f"seed {seed} played")
        first = years[0]
        return {
            "products": options["products"],
            "weeks": options["weeks"],
            **first,
            "other_seeds": years[1:],
            "seconds": round(time.monotonic() - began, 1),
        }, 0


def _year(world: SimulatedMarket) -> dict[str, Any]:
    """Both rules at several settings, so that they can be compared at the same fill rate.

    `stock_saved`: the share of the fixed rule's stock that the proposals do without at the fill rate they reach.
    """
    fixed = {weeks: play(world, minimum_and_maximum(world, safety_weeks=weeks)) for weeks in SAFETY_WEEKS}
    tuned = tried_out(world, SAFETY_WEEKS, fill_rate=WANTED)
    foretold = foretell(world)
    ours = {
        levels: play(world, proposals(world, foretold, percent=dict(zip("ABC", levels, strict=True))))
        for levels in SERVICE_LEVELS
    }
    curve = list(fixed.values())
    saved = {levels: stock_at(outcome.fill_rate, curve) for levels, outcome in ours.items()}
    return {
        "proposals": asdict(ours[STANDARD]),
        "fixed_as_tuned_last_year": {"safety_weeks": tuned, **asdict(fixed[tuned])},
        "proposals_by_service_level": {
            _named(levels): asdict(outcome)
            | {"stock_saved": round(1 - outcome.stock_value / at, 4) if (at := saved[levels]) else None}
            for levels, outcome in ours.items()
        },
        "minimum_and_maximum": {f"{weeks:g} weeks of safety": asdict(outcome) for weeks, outcome in fixed.items()},
    }


def _named(levels: tuple[float, ...]) -> str:
    return ", ".join(f"{name} {level:g} %" for name, level in zip("ABC", levels, strict=True))
