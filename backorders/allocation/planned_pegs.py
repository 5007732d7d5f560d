"""The pegs of runs: goods on their way that a run which looks ahead keeps for lines.

Each such run replaces what earlier ones kept for the same queues; a person's pegs it leaves alone. Taking a run back
brings back what it replaced.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import F, Q, Sum

from backorders.engine.allocation.future_supply import Wait
from backorders.engine.promising.pegging import PegTo
from backorders.models import AllocationRun, Peg, RunWait
from backorders.queue.queues import PoolKey, QueueLine
from config.lib.bulk import any_of, copy_rows
from inventory.models import PurchaseOrderLine

Planned = tuple[Sequence[QueueLine], Sequence[Wait]]  # a queue, and what is kept for its lines
Pair = tuple[int, int, int | None]  # a line, a purchase-order line, and the line that has as many units on loan
COLUMNS = ("run_id", "line_id", "product_id", "warehouse_id", "purchase_line", "units", "due_on", "lent_to_id")


def store_waits(run_id: int, planned: Iterable[Planned]) -> None:
    """Write down what a run keeps for which line, whether it writes it or only simulates."""
    copy_rows(
        RunWait,
        COLUMNS,
        (
            (run_id, line, queue[0].product_id, queue[0].warehouse_id, source, units, on, lent_to)
            for queue, waits in planned
            for line, source, units, on, lent_to in waits
        ),
    )


def copy_waits(run: AllocationRun, pools: Collection[PoolKey]) -> None:
    """A run that follows another one keeps what that one found, in the queues that it wrote."""
    rows = RunWait.objects.filter(run_id=run.source_run_id or 0).order_by("pk")
    columns = ("line_id", "product_id", "warehouse_id", "purchase_line_id", "units", "due_on", "lent_to_id")
    copy_rows(RunWait, COLUMNS, ((run.pk, *row) for row in rows.values_list(*columns) if (row[1], row[2]) in pools))


def waits_by_pool(run: AllocationRun, product_ids: Collection[int]) -> Mapping[PoolKey, Sequence[Wait]]:
    """What the run keeps of goods on their way."""
    waits: dict[PoolKey, list[Wait]] = defaultdict(list)
    for row in RunWait.objects.filter(any_of("product_id", product_ids), run_id=run.pk).order_by("pk"):
        wait = Wait(row.line_id, row.purchase_line_id, row.units, row.due_on, row.lent_to_id)
        waits[row.product_id, row.warehouse_id].append(wait)
    return waits


def as_pegs(waits: Iterable[Wait]) -> list[PegTo]:
    return [PegTo(wait.line, wait.source, wait.units) for wait in waits]


def keep_planned(run: AllocationRun, planned: Sequence[Planned], *, now: datetime) -> None:
    """Keep exactly this for the lines of these queues; what stands already stays."""
    line_ids = [line.id for queue, _ in planned for line in queue]
    if not line_ids:
        return
    promised: Counter[Pair] = Counter()
    for wait in (wait for _, waits in planned for wait in waits):
        promised[int(wait.line), wait.source, None if wait.lent_to is None else int(wait.lent_to)] += wait.units
    standing = Peg.objects.active().planned().filter(any_of("line_id", line_ids))
    pegs = {_pair(peg): peg for peg in standing.select_for_update(no_key=True).order_by("pk")}
    over = {peg.pk for pair, peg in pegs.items() if promised[pair] != peg.left}
    Peg.objects.filter(pk__in=over).update(ended_at=now, ended_by_run=run)
    new = {pair: units for pair, units in promised.items() if units and (pair not in pegs or pegs[pair].pk in over)}
    _make(run, new, now=now)


def restore_planned(run: AllocationRun, line_ids: Collection[int], *, now: datetime) -> None:
    """Taking back the source run of `run`: what it kept for these lines ends, and what it replaced is kept again."""
    pegs = Peg.objects.planned().filter(any_of("line_id", line_ids))
    pegs.active().filter(run=run.source_run_id).update(ended_at=now, ended_by_run=run)
    replaced = pegs.filter(ended_by_run=run.source_run_id, units__gt=F("honoured")).order_by("pk")
    _make(run, {_pair(peg): peg.left for peg in replaced}, now=now)


def _pair(peg: Peg) -> Pair:
    return peg.line_id, peg.purchase_line_id, peg.lent_to_id


def _make(run: AllocationRun, planned: Mapping[Pair, int], *, now: datetime) -> None:
    Peg.objects.bulk_create(
        Peg(
            line_id=line,
            purchase_line_id=source,
            lent_to_id=lent_to,
            units=units,
            reason=f"Reserved by {run}" if lent_to is None else f"Lent by {run}; these goods replace it",
            run=run,
            made_at=now,
        )
        for (line, source, lent_to), units in planned.items()
    )


def pools_planned(run: AllocationRun, product_ids: Collection[int]) -> set[PoolKey]:
    """The queues for which this run keeps goods on their way, or ends what is kept."""
    waits = RunWait.objects.filter(any_of("product_id", product_ids), run_id=run.pk)
    pools = set(waits.values_list("product_id", "warehouse_id"))
    concerned = Q(run=run) | Q(ended_by_run=run) | Q(ended_at__isnull=True)
    pegs = Peg.objects.planned().filter(concerned, any_of("line__product_id", product_ids))
    stopped = run.pool_exceptions.filter(any_of("product_id", product_ids), served_by="")
    pools |= set(pegs.values_list("line__product_id", "line__warehouse_id"))
    return pools - set(stopped.values_list("product_id", "warehouse_id"))


def what_does_not_come(waits: Iterable[Wait]) -> str:
    """Why goods that a run keeps cannot be kept any more, in words; empty where they can."""
    needed: Counter[int] = Counter()
    for wait in waits:
        needed[wait.source] += wait.units
    lines = PurchaseOrderLine.objects.inbound().filter(pk__in=needed).select_related("purchase_order")
    meant = Peg.objects.active().by_people().filter(purchase_line__in=needed).order_by().values_list("purchase_line")
    pegged = dict(meant.annotate(left=Sum(F("units") - F("honoured"))))
    for line in lines:
        left = line.open - pegged.get(line.pk, 0)
        if left < needed.pop(line.pk):
            return f"{line.purchase_order} now has {max(left, 0)} units for the queue."
    return "Incoming goods were cancelled." if needed else ""
