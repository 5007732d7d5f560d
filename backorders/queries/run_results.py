"""What runs decided, line by line, and the sentence that tells it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import F, QuerySet

from backorders.engine.sentences import sentence
from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun, OrderLine, RunResult
from inventory.models import Product

RECENT_RUNS = 30
RECENT_FULL_RUNS = 3


@dataclass(frozen=True, slots=True)
class ToldResult:
    """A result, the line that it is about, and how to say it."""

    result: RunResult
    line: OrderLine

    @property
    def gain(self) -> int:
        return self.result.after - self.result.before

    @property
    def missing(self) -> int:
        return self.result.open - self.result.after

    @property
    def sentence(self) -> str:
        return told(self.result, self.line.product.sku)


def told(result: RunResult, sku: str) -> str:
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
    )


def results_of(run: AllocationRun, *, show: str = "changed", text: str = "") -> QuerySet[RunResult]:
    """The results that changed, gained, lost, are still short, or all; of the products whose SKU or name has `text`."""
    results = RunResult.objects.filter(run_id=run.pk)
    if show == "gained":
        results = results.filter(after__gt=F("before"))
    elif show == "lost":
        results = results.filter(after__lt=F("before"))
    elif show == "short":
        results = results.filter(after__lt=F("open"))
    elif show != "all":
        results = results.exclude(after=F("before"))
    if text:
        products = Product.objects.found_by(text).values("pk")
        results = results.filter(line_id__in=OrderLine.objects.filter(product_id__in=products).values("pk"))
    return results


def told_results(results: Iterable[RunResult]) -> list[ToldResult]:
    """The results with their lines, in the order given."""
    rows = list(results)
    lines = OrderLine.objects.select_related("order__customer__tier", "product", "warehouse").in_bulk(
        [row.line_id for row in rows]
    )
    return [ToldResult(row, lines[row.line_id]) for row in rows]


def last_results(line_ids: Collection[int]) -> dict[int, tuple[AllocationRun, RunResult]]:
    """What the latest run said to each line, of the last runs: results are found by run and line only."""
    finished = AllocationRun.objects.applied().filter(status=RunStatus.FINISHED).order_by("-pk")
    recent = list(finished[:RECENT_RUNS])
    full = list(finished.filter(kind__in=[RunKind.NIGHTLY, RunKind.MANUAL])[:RECENT_FULL_RUNS])
    runs = {run.pk: run for run in [*recent, *full]}
    results = RunResult.objects.filter(run_id__in=runs, line_id__in=line_ids).order_by("run_id")
    return {result.line_id: (runs[result.run_id], result) for result in results}


def results_of_lines(run: AllocationRun) -> list[ToldResult]:
    """Everything that a small run, such as the one after a receipt, changed."""
    return told_results(results_of(run).order_by("product_id", "warehouse_id", "rank")[:200])
