from contextlib import nullcontext
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from backorders.planning.replenishment import propose_orders
from backorders.planning.stockouts import warn_of_stockouts
from config.lib.commands import DeskCommand
from config.lib.numbers import parse_price


class Command(DeskCommand):
    help = "Propose purchase orders from the newest forecasts and today's stock, and renew the early warnings."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--budget", default="", metavar="AMOUNT", help="spend at most so much in each currency")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        now, budget = timezone.now(), _budget(options["budget"])
        with transaction.atomic() if options["dry_run"] else nullcontext():
            figures = asdict(propose_orders(now=now, budget=budget))
            figures["warnings"] = warn_of_stockouts(now=now).warnings
            if options["dry_run"]:
                transaction.set_rollback(True)
        return figures, 0


def _budget(text: str) -> Decimal | None:
    try:
        return parse_price(text) if text else None
    except ValidationError:
        raise CommandError(f"--budget: {text} is no amount such as 25000.", returncode=2) from None
