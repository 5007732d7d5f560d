import time
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from backorders.engine.forecasting.backtest import backtest, origins_of
from backorders.engine.forecasting.panel import Panel
from backorders.files.import_file import find_mapping
from backorders.planning.files.demand_files import ORDER_COLUMNS, PERIODS, REQUIRED, DemandFile, read_demand
from config.lib.commands import DeskCommand, renamed_columns

MOST_TOLD = 20
WRONG_USAGE = 2


class Command(DeskCommand):
    help = "Forecast past demand from earlier origins, knowing only what was known there, and score it."
    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="CSV: sku,period,quantity (gzip is fine)")
        parser.add_argument("--by", choices=PERIODS, default="", help="the file has order lines: add them up by these")
        parser.add_argument("--mapping", default="", metavar="NAME", help="of import_csv orders; adds up by week")
        parser.add_argument("--columns", default="", metavar="OURS=THEIRS,…", help="names of columns that differ")
        parser.add_argument("--season", type=int, default=12, metavar="M", help="periods in a season; 1: no season")
        parser.add_argument("--horizon", type=int, default=3, metavar="H", help="periods forecast from each origin")
        parser.add_argument("--lead-time", type=int, default=3, metavar="L", help="periods of a lead time")
        parser.add_argument("--origins", type=int, default=6, metavar="K", help="how many origins")
        parser.add_argument("--step", type=int, default=1, metavar="S", help="periods between two origins")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        for name in ("season", "horizon", "lead_time", "origins", "step"):
            if options[name] < 1:
                raise CommandError(f"--{name.replace('_', '-')} must be at least 1.", returncode=WRONG_USAGE)
        began = time.monotonic()
        by = options["by"] or ("week" if options["mapping"] else "")
        file = read_demand(
            options["file"],
            today=timezone.localdate(),
            by=by,
            mapping=find_mapping(options["mapping"], "orders"),
            columns=renamed_columns(
                options["columns"], known=[c.name for c in ORDER_COLUMNS] if by else [*REQUIRED, "unit"]
            ),
        )
        self._tell(file)
        origins = origins_of(
            len(file.periods),
            horizon=options["horizon"],
            lead=options["lead_time"],
            origins=options["origins"],
            step=options["step"],
        )
        if not origins:
            raise CommandError(f"{len(file.periods)} periods are too few for such origins: a longer history is needed.")
        if len(origins) < options["origins"]:
            self.progress(f"Only {len(origins)} origins have enough history before them.")
        figures = backtest(
            Panel(np.array(file.rows), options["season"]),
            horizon=options["horizon"],
            lead=options["lead_time"],
            origins=origins,
            progress=self.progress,
        )
        return {
            **figures,
            "seconds": round(time.monotonic() - began, 1),
            "remarks": dict(file.remarks),
            "rejected": len(file.rejects),
        }, 0

    def _tell(self, file: DemandFile) -> None:
        for line in sorted(file.rejects)[:MOST_TOLD]:
            self.progress(f"Line {line} is left out: {file.rejects[line]}")
        if len(file.rejects) > MOST_TOLD:
            self.progress(f"… and {len(file.rejects) - MOST_TOLD:,} more rows that are left out.")
        for remark, count in file.remarks.items():
            self.progress(f"{count:,} {remark}.")
