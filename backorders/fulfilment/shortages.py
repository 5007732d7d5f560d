"""A count or damage leaves less than lines hold: the pool is not picked until somebody settles who loses.

The database lets nobody hold what is not there, so the lines at the end of the queue lose at once: that is the
proposal. Whoever settles it accepts the proposal, or says which lines keep their units instead.
"""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from backorders.enums import EventKind, OverrideKind, Resolution
from backorders.errors import CannotOverride
from backorders.letters.timeline import Event
from backorders.models import LineOverride, OrderLine, PoolBlock, PoolLoss
from backorders.runs.overrides.outcomes import Holding, OverrideOutcome, Pool
from backorders.runs.overrides.override import demand_reason, read_pool, write_outcome
from config.lib.text import counted
from inventory.models import StockLevel


def block_pool(*, level: StockLevel, lost: Mapping[int, int], reason: str, by: User | None, now: datetime) -> PoolBlock:
    """Keep the pool, which the caller has locked, from being picked; these lines lost so many units."""
    block = PoolBlock.objects.unsettled().filter(stock_level=level).first()
    if block is None:
        block = PoolBlock.objects.create(stock_level=level, reason=reason, made_by=by, made_at=now)
    PoolLoss.objects.bulk_create(PoolLoss(block=block, line_id=pk, units=units) for pk, units in lost.items())
    return block


@transaction.atomic
def accept_losers(*, block_id: int, note: str, by: User | None, now: datetime) -> PoolBlock:
    """The proposed lines give up units; the pool is picked again. Raises CannotOverride where it is settled."""
    block = PoolBlock.objects.locked().select_related("stock_level").get(pk=block_id)
    StockLevel.objects.locked().get(pk=block.stock_level_id)
    return _settle(block, Resolution.ACCEPTED, note=note, by=by, now=now)


@transaction.atomic
def choose_losers(*, block_id: int, keeps: Mapping[int, int], note: str, by: User | None, now: datetime) -> PoolBlock:
    """Each line of `keeps` holds so many units besides its pick lists from now on; who gets more keeps it, pinned.

    Raises ReasonMissing, and CannotOverride where it is settled, where a line would hold more than is open of it, or
    all of them more than is there.
    """
    demand_reason(note)
    block = PoolBlock.objects.select_related("stock_level").get(pk=block_id)
    pool = _pool_of(block, keeps)
    block = PoolBlock.objects.locked().get(pk=block_id)
    outcome = _chosen(keeps, pool)
    changes = {pk: after.units - pool.holding(pk).units for pk, after in outcome.holdings.items()}
    events = [
        Event(pk, EventKind.MOVED_HERE if units > 0 else EventKind.MOVED_AWAY, abs(units), note=note)
        for pk, units in changes.items()
    ]
    _settle(block, Resolution.CHOSEN, note=note, by=by, now=now)
    for pk, after in outcome.holdings.items():
        pinned = after.pinned - pool.holding(pk).pinned
        if pinned > 0:
            LineOverride.objects.create(
                line_id=pk, kind=OverrideKind.PIN, units=pinned, reason=note, made_by=by, made_at=now
            )
    write_outcome(outcome, pool, 0, events, fact=f"block:{block.pk}", by=by, now=now)
    return block


def _pool_of(block: PoolBlock, keeps: Mapping[int, int]) -> Pool:
    """The pool, locked, by way of any of its open lines."""
    level = block.stock_level
    lines = OrderLine.objects.open().filter(product_id=level.product_id, warehouse_id=level.warehouse_id)
    known = lines.filter(pk__in=keeps).values_list("pk", flat=True)
    if not keeps or len(known) < len(keeps):
        raise CannotOverride("One of these lines is closed now. Open the page again.")
    return read_pool(min(known), lock=True)


def _chosen(keeps: Mapping[int, int], pool: Pool) -> OverrideOutcome:
    holdings = {}
    for pk, units in keeps.items():
        line, now = pool.line(pk), pool.holding(pk)
        most = line.open - (line.fixed - now.pinned)
        if not 0 <= units <= most:
            raise CannotOverride(f"A line can keep 0 to {counted(most, 'unit')}, not {units}.")
        if units > now.units:
            holdings[pk] = Holding(0, units)  # all of it pinned: the next run would take the soft part back
        elif units < now.units:
            soft = max(0, now.soft - (now.units - units))
            holdings[pk] = Holding(soft, units - soft)
    outcome = OverrideOutcome(holdings, None)
    if (more := outcome.taken(pool)) > pool.free:
        raise CannotOverride(f"The lines would keep {counted(more - pool.free, 'unit')} more than there are.")
    return outcome


def _settle(block: PoolBlock, how: Resolution, *, note: str, by: User | None, now: datetime) -> PoolBlock:
    if block.settled_at:
        raise CannotOverride("Somebody has already decided this.")
    block.resolution, block.note, block.settled_by, block.settled_at = how, note.strip(), by, now
    block.save(update_fields=["resolution", "note", "settled_by", "settled_at"])
    return block
