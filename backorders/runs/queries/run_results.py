"""What runs decided, line by line, and the sentence that tells it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Min, OuterRef, QuerySet, Subquery

from backorders.engine.allocation.sentences import sentence
from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun, AwayResult, OrderLine, QueueState, RunPromise, RunResult
from backorders.runs.queries.run_waits import waits_in_words
from config.lib.bulk import any_of
from inventory.models import Warehouse

RECENT_RUNS = 30
RECENT_FULL_RUNS = 3
CSV_BATCH = 1_000
CSV_COLUMNS = (
    *("order", "line", "customer", "tier", "sku", "warehouse", "class", "segment", "rank", "queue_length", "open"),
    *("before", "after", "change", "told_on", "would_be_on", "reason", "why"),
)


@dataclass(frozen=True, slots=True)
class ToldResult:
    """A result, the line that it is about, and how to say it."""

    result: RunResult
    line: OrderLine
    promise: RunPromise | None = None
    segment: str = ""
    elsewhere: Sequence[tuple[str, int]] = ()  # the other warehouses that it is served from, and units
    in_full: str = ""  # which goods on their way it waits for, or bring back what it lent

    @property
    def gain(self) -> int:
        return self.result.after - self.result.before

    @property
    def missing(self) -> int:
        return self.result.open - self.result.after

    @property
    def days_later(self) -> int | None:
        """By how many days the told date would become later; None where one of the two is not known."""
        promise = self.promise
        if promise is None or promise.told_on is None or promise.after_on is None:
            return None
        return (promise.after_on - promise.told_on).days

    @property
    def sentence(self) -> str:
        return told(self.result, self.line.product.sku, self.elsewhere, self.in_full)


def told(result: RunResult, sku: str, elsewhere: Sequence[tuple[str, int]] = (), in_full: str = "") -> str:
    return sentence(
        sku=sku,
        reason=result.reason,
        rank=result.rank,
        queue_length=result.queue_length,
        open_units=result.open,
        before=result.before,
        given=result.after,
        lines_before=result.lines_before,
        units_before=result.units_before,
        kept_behind=result.kept_behind,
        more_units=result.more_units,
        elsewhere=elsewhere,
        in_full=in_full,
    )


def from_elsewhere(results: Iterable[RunResult]) -> dict[tuple[int, int], list[tuple[str, int]]]:
    """By run and line: what lines hold from other warehouses than their own after their runs."""
    keys = [(result.run_id, result.line_id) for result in results if result.after]
    code = Warehouse.objects.filter(pk=OuterRef("warehouse_id")).values("code")
    rows = AwayResult.objects.filter(any_of("line_id", {pk for _, pk in keys}), run_id__in={run for run, _ in keys})
    by_line: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for run_id, line_id, place, units in (
        rows.filter(after__gt=0)
        .annotate(code=Subquery(code))
        .order_by("run_id", "line_id", "warehouse_id")
        .values_list("run_id", "line_id", "code", "after")
    ):
        by_line.setdefault((run_id, line_id), []).append((place, units))
    return by_line


def told_results(results: Iterable[RunResult], *, run: AllocationRun | None = None) -> list[ToldResult]:
    """The results with their lines, in the order given; of a `run` also the dates that it would move."""
    rows = list(results)
    lines = OrderLine.objects.select_related("order__customer__tier", "product", "warehouse").in_bulk(
        [row.line_id for row in rows]
    )
    away, in_full = from_elsewhere(rows), waits_in_words(rows)
    if run is None:
        return [
            ToldResult(row, lines[row.line_id], elsewhere=away.get(_key(row), ()), in_full=in_full.get(_key(row), ""))
            for row in rows
        ]
    moved = RunPromise.objects.filter(run_id=run.pk, line_id__in=list(lines))
    promises = {promise.line_id: promise for promise in moved}
    names = segment_names(run)
    return [
        ToldResult(
            row,
            lines[row.line_id],
            promises.get(row.line_id),
            names[row.segment] if names else "",
            away.get(_key(row), ()),
            in_full.get(_key(row), ""),
        )
        for row in rows
    ]


def _key(result: RunResult) -> tuple[int, int]:
    return result.run_id, result.line_id


def segment_names(run: AllocationRun) -> list[str]:
    """The names of the segments of the policy as the run used it, the rest last; none where it has no others."""
    segments = run.policy_snapshot.get("segments") or []
    rest = run.policy_snapshot.get("rest") or {}
    return [*(segment["name"] for segment in segments), rest.get("name") or "all others"] if segments else []


def result_cells(run: AllocationRun, results: QuerySet[RunResult]) -> Iterator[tuple[Any, ...]]:
    """The results as rows of a CSV file, a thousand at a time."""
    batch: list[RunResult] = []
    for result in results.order_by("line_id").iterator(chunk_size=CSV_BATCH):
        batch.append(result)
        if len(batch) == CSV_BATCH:
            yield from _cells(told_results(batch, run=run))
            batch = []
    yield from _cells(told_results(batch, run=run))


def _cells(told_rows: Iterable[ToldResult]) -> Iterator[tuple[Any, ...]]:
    for row in told_rows:
        result, line, promise = row.result, row.line, row.promise
        customer = line.order.customer
        yield (
            *(line.order.number, line.number, customer.code, customer.tier.code, line.product.sku, line.warehouse.code),
            *(result.strategy, row.segment, result.rank, result.queue_length, result.open),
            *(result.before, result.after, row.gain),
            *((promise.told_on, promise.after_on) if promise else (None, None)),
            *(result.reason, row.sentence),
        )


def last_results(line_ids: Collection[int]) -> dict[int, tuple[AllocationRun, RunResult]]:
    """What the latest run said to each line, of the last runs and the one that served its queue last.

    Results are found by run and line only.
    """
    finished = AllocationRun.objects.applied().filter(status=RunStatus.FINISHED).order_by("-pk")
    recent = list(finished[:RECENT_RUNS])
    full = list(finished.filter(kind__in=[RunKind.NIGHTLY, RunKind.MANUAL])[:RECENT_FULL_RUNS])
    products = OrderLine.objects.filter(pk__in=line_ids).values("product_id")
    states = QueueState.objects.filter(product_id__in=products).values("served_run_id")
    runs = {run.pk: run for run in [*recent, *full, *finished.filter(pk__in=states)]}
    results = RunResult.objects.filter(run_id__in=runs, line_id__in=line_ids).order_by("run_id")
    return {result.line_id: (runs[result.run_id], result) for result in results}


def results_of_lines(run: AllocationRun) -> list[ToldResult]:
    """Everything that a small run, such as the one after a receipt, changed."""
    changed = RunResult.objects.filter(run_id=run.pk).exclude(after=F("before"))
    return told_results(changed.order_by("product_id", "warehouse_id", "rank")[:200])


def longest_wait(run: AllocationRun, *, now: datetime) -> int | None:
    """For how many days the oldest line that still lacks units has waited, where the run looked; None: nobody waits."""
    waiting = OrderLine.objects.waiting()
    if run.warehouse_id:
        waiting = waiting.filter(warehouse_id=run.warehouse_id)
    shards = list(run.shards.values_list("product_ids", flat=True)[:2])
    if len(shards) == 1 and not run.products_unchanged:
        waiting = waiting.filter(any_of("product_id", shards[0]))
    oldest = waiting.aggregate(oldest=Min("placed_at"))["oldest"]
    return None if oldest is None else max(0, (now - oldest).days)
