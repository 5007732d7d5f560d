"""One read of the desk, several policies: a simulation of each, and their figures side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction

from backorders.engine.allocation.comparison import pareto_set
from backorders.enums import RunKind
from backorders.errors import CannotApply
from backorders.models import AllocationRun, Comparison
from backorders.runs.allocate_stock import continue_run, start_run

POLICIES_AT_MOST = 8


def compare_policies(
    *, policy_codes: Sequence[str], warehouse_id: int | None, by: User | None, now: datetime
) -> Comparison:
    """Simulate each policy on the same look at the desk. Raises CannotApply for too few or many, PolicyUnknown."""
    codes = list(dict.fromkeys(policy_codes))
    if not 2 <= len(codes) <= POLICIES_AT_MOST:
        raise CannotApply(f"Choose 2 to {POLICIES_AT_MOST} policies to compare.")
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:  # within a transaction that has read already, the view cannot be frozen any more
            _freeze_the_view()
        comparison = Comparison.objects.create(warehouse_id=warehouse_id, made_by=by, made_at=now)
        for code in codes:
            run = start_run(
                kind=RunKind.SIMULATION,
                policy_code=code,
                warehouse_id=warehouse_id,
                cause=str(comparison),
                comparison=comparison,
                by=by,
                now=now,
            )
            continue_run(run_id=run.pk, now=now)
    return comparison


def _freeze_the_view() -> None:
    """Every statement of this transaction sees the desk of one moment, whatever others write meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


@dataclass(frozen=True, slots=True)
class Compared:
    """A policy in the comparison; `best` when no other one is better in everything."""

    run: AllocationRun
    figures: Mapping[str, Any]
    best: bool

    @property
    def name(self) -> str:
        return str(self.run.policy_snapshot["name"])

    @property
    def values(self) -> Sequence[tuple[str, Any]]:
        """The value of what lines hold, per currency, the largest first."""
        return sorted(self.figures["values"].items(), key=lambda item: -item[1])


def compared(comparison: Comparison) -> list[Compared]:
    """The policies in the order in which they were chosen, once their simulations have ended."""
    runs = list(comparison.runs.select_related("warehouse").order_by("pk"))
    figures = [(run.figures or {}) | {"promises_worse": run.promises_worse, "win_worse": run.win_worse} for run in runs]
    if not all(run.figures for run in runs):
        return []
    best = pareto_set([_weighed(each) for each in figures])
    return [Compared(*row) for row in zip(runs, figures, best, strict=True)]


def _weighed(figures: Mapping[str, Any]) -> dict[str, float]:
    """What the policies are judged by; values of several currencies are no one number, so the largest one speaks."""
    largest = max(figures["values"].values(), default=0)
    return {**figures, "value": largest, "fairness": figures["fairness"] or 0}
