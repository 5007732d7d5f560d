import math
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from backorders.engine.forecasting.stockout import DemandRate, area_under_curve, average_precision, stockout_risk
from backorders.planning.files.position_files import NUMBERS, FilePosition, read_positions
from config.lib.commands import DeskCommand, renamed_columns

WRONG_USAGE = 2
WEEKS_PER_MONTH = 30 / 7
OVERDISPERSION = 1.5 * WEEKS_PER_MONTH  # of a month's demand about 1.5: what the spare parts show
CLOSE_CALL = 1e-3  # ranks positions of like risk by how far they are above their minimum


class Command(DeskCommand):
    help = "Score positions of stock for the risk of running out; beside the rule stock + transit < forecast."
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help=f"CSV: sku, {', '.join(NUMBERS)}")
        parser.add_argument("--columns", default="", metavar="OURS=THEIRS,…", help="names of columns that differ")
        parser.add_argument("--truth", default="", metavar="COLUMN", help="says yes where the position ran out")
        parser.add_argument("--forecast-months", type=float, default=3, metavar="N", help="months that forecast covers")
        parser.add_argument("--sales-months", type=float, default=1, metavar="N", help="months of recent_sales")
        parser.add_argument("--top", type=int, default=10, metavar="N", help="how many of the most endangered to name")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        columns = renamed_columns(options["columns"], known=["sku", *NUMBERS])
        if not min(options["forecast_months"], options["sales_months"]) > 0 or options["top"] < 0:
            raise CommandError("Months must be more than 0, --top not less.", returncode=WRONG_USAGE)
        file = read_positions(options["file"], columns=columns, truth=options["truth"])
        for line, flaw in sorted(file.rejects.items())[:20]:
            self.progress(f"Line {line} is left out: {flaw}")
        if not file.positions:
            raise CommandError("The file has no position that could be scored.")
        scored = [(_score(one, options["forecast_months"], options["sales_months"]), one) for one in file.positions]
        figures: dict[str, Any] = {"n": len(scored), "rejected": len(file.rejects)}
        if options["truth"]:
            truth = [bool(one.ran_out) for _, one in scored]
            rule = [float(one.on_hand + one.in_transit < one.forecast) for _, one in scored]
            figures |= {
                "ran_out": sum(truth),
                **_quality([score for (score, _), _ in scored], truth),
                "baselines": {"stock + transit < forecast": _quality(rule, truth)},
            }
        ranked = sorted(scored, key=lambda pair: (-pair[0][0], pair[1].key))[: options["top"]]
        figures["most_endangered"] = [
            {"sku": one.key, **{f"p{days}": round(p, 4) for days, p in zip((7, 14, 30), within, strict=True)}}
            for (_, within), one in ranked
        ]
        return figures, 0


def _quality(scores: list[float], truth: list[bool]) -> dict[str, float]:
    return {
        "auc": round(area_under_curve(scores, truth), 4),
        "average_precision": round(average_precision(scores, truth), 4),
    }


def _score(one: FilePosition, forecast_months: float, sales_months: float) -> tuple[float, tuple[float, ...]]:
    """The probability to run out within 30 days; the higher of forecast and recent sales counts as the demand."""
    monthly = max(0.0, one.forecast / forecast_months, (one.recent_sales or 0) / sales_months)
    rate = DemandRate(monthly / WEEKS_PER_MONTH, dispersion=OVERDISPERSION, drift=0.1)
    position = one.on_hand + one.in_transit
    within = stockout_risk(free=position - 1, rate=rate).within
    margin = math.tanh((position - one.minimum) / max(1.0, one.minimum + monthly))
    return within[-1] - CLOSE_CALL * margin, within
