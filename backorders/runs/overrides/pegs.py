"""Pegs: goods on their way that are meant for one line. They go by the purchase-order line, whatever day it names."""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.db.models import F, QuerySet, Sum

from backorders.enums import OverrideKind
from backorders.errors import CannotOverride, PegRefused
from backorders.models import OrderLine, Peg
from backorders.queue.queues import mark_queues_changed
from backorders.runs.overrides.outcomes import Wish
from backorders.runs.overrides.override import override_line, read_pool
from config.lib.text import counted
from inventory.errors import ReasonMissing
from inventory.models import PurchaseOrderLine, ReceiptLine

logger = logging.getLogger(__name__)


@transaction.atomic
def peg_supply(*, line_id: int, purchase_line_id: int, units: int, reason: str, by: User | None, now: datetime) -> Peg:
    """Mean `units` of the purchase-order line for this order line. Raises PegRefused, ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing("Enter a reason: reserved goods bypass the queue.")
    line = OrderLine.objects.open().filter(pk=line_id).locked().first()
    if line is None:
        raise PegRefused("This line is closed.")
    coming = PurchaseOrderLine.objects.inbound().filter(pk=purchase_line_id).select_related("purchase_order").first()
    if coming is None or (coming.product_id, coming.purchase_order.warehouse_id) != (
        line.product_id,
        line.warehouse_id,
    ):
        raise PegRefused("That purchase-order line brings none of this product to the line's warehouse.")
    PurchaseOrderLine.objects.locked().get(pk=coming.pk)
    pegs = Peg.objects.active().by_people()
    if pegs.filter(line=line, purchase_line=coming).exists():
        raise PegRefused("These goods are already reserved for the line. End that reservation first.")
    unpegged_need = line.missing - _left(pegs.filter(line=line))
    unpegged = coming.open - _left(pegs.filter(purchase_line=coming))
    if not 1 <= units <= min(unpegged_need, unpegged):
        raise PegRefused(
            f"{counted(units, 'unit')} cannot be reserved: the line is short by {max(unpegged_need, 0)} more, and"
            f" {max(unpegged, 0)} of {coming.purchase_order} are not reserved for others."
        )
    peg = Peg.objects.create(line=line, purchase_line=coming, units=units, reason=reason, made_by=by, made_at=now)
    mark_queues_changed([line.product_id])
    return peg


@transaction.atomic
def end_peg(*, peg_id: int, by: User | None, now: datetime) -> Peg:
    """The goods go by the queue again; ending it twice is harmless."""
    peg = Peg.objects.select_for_update(no_key=True, of=("self",)).select_related("line").get(pk=peg_id)
    if peg.ended_at is None:
        peg.ended_at, peg.ended_by = now, by
        peg.save(update_fields=["ended_at", "ended_by"])
        mark_queues_changed([peg.line.product_id])
    return peg


def honour_pegs(*, purchase_line_ids: Collection[int], now: datetime) -> None:
    """What arrived is pinned to the pegged lines, people's pegs first, before any run sees it.

    It may be called again: what was honoured counts. Where the units cannot be pinned, the run has the last word.
    """
    pegs = Peg.objects.active().filter(purchase_line__in=purchase_line_ids)
    pegs = pegs.order_by(F("run").asc(nulls_first=True), "pk")
    for peg in pegs.select_related("line", "purchase_line__purchase_order"):
        units = min(peg.left, _arrived(peg))
        if units > 0:
            try:
                _honour(peg, units, now=now)
            except (CannotOverride, OperationalError):
                logger.warning("%s could not be honoured", peg, exc_info=True)


def _arrived(peg: Peg) -> int:
    """Units that came for the peg and that no peg has had.

    Whoever was pegged since some moment can only have what came since then. So the least that any moment up to this
    peg's own leaves is what it may have: goods that came before it was made went by the queue.
    """
    pegs = Peg.objects.filter(purchase_line=peg.purchase_line_id)
    came = ReceiptLine.objects.filter(purchase_order_line=peg.purchase_line_id)
    moments = pegs.filter(made_at__lte=peg.made_at).values_list("made_at", flat=True).distinct()
    return min(_units(came, moment) - _had(pegs, moment) for moment in moments)


def _units(came: QuerySet[ReceiptLine], since: datetime) -> int:
    return came.filter(receipt__received_at__gte=since).aggregate(units=Sum("quantity", default=0))["units"]


def _had(pegs: QuerySet[Peg], since: datetime) -> int:
    return pegs.filter(made_at__gte=since).aggregate(units=Sum("honoured", default=0))["units"]


def _honour(peg: Peg, units: int, *, now: datetime) -> None:
    pool = read_pool(peg.line_id)
    line = pool.line(peg.line_id)
    units = min(units, line.movable - line.away, line.soft + pool.free)
    if units > 0:
        reason = f"Reserved from {peg.purchase_line.purchase_order}: {peg.reason}"[:300]
        wish = Wish(line_id=peg.line_id, kind=OverrideKind.PIN, units=units, reason=reason)
        override_line(wish=wish, by=peg.made_by, now=now)
    peg.honoured += units
    if not peg.left or line.open - line.fixed <= units:
        peg.ended_at = now
    peg.save(update_fields=["honoured", "ended_at"])


def _left(pegs: Iterable[Peg]) -> int:
    return sum(peg.left for peg in pegs)
