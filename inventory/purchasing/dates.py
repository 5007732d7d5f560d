"""The supplier's word on dates. What was said first is what the supplier is measured by, so it is written once."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from inventory.enums import INBOUND_STATUSES, PurchaseOrderStatus
from inventory.errors import InvalidDate, PurchaseOrderMoveNotAllowed
from inventory.models import PurchaseDateChange, PurchaseOrder, PurchaseOrderLine
from inventory.products.supply_version import bump_supply_version
from inventory.purchasing.locks import (
    locked_lines,
    locked_order,
    locked_with_order,
    refuse_foreign_lines,
    refuse_unless,
)


@transaction.atomic
def confirm_purchase_order(
    *, purchase_order_id: int, dates: dict[int, date], by: User | None, now: datetime
) -> PurchaseOrder:
    """The supplier's first date for each of these lines; the order is confirmed once every line to come has one.

    A line confirmed for the same day before is left as it is. Raises InvalidDate for a day that is past, MoveNotAllowed
    for a line that has another date or nothing to come, WrongLine for a line of another order.
    """
    purchase_order = locked_order(purchase_order_id)
    refuse_unless(purchase_order, INBOUND_STATUSES, step="only a sent order can be confirmed")
    lines = locked_lines(purchase_order)
    refuse_foreign_lines(purchase_order, lines, dates)
    if not dates:
        raise InvalidDate(f"Enter a date for at least one line of {purchase_order.number}.")
    confirmed = [line for pk, line in lines.items() if pk in dates and line.confirmed_on != dates[pk]]
    for line in confirmed:
        if line.confirmed_on:
            raise PurchaseOrderMoveNotAllowed(
                f"{line} is already confirmed for {line.confirmed_on:%-d %b %Y}. Change that date instead."
            )
        _refuse_impossible(line, dates[line.pk], today=timezone.localdate(now))
    for line in confirmed:
        line.first_confirmed_on = dates[line.pk]
        _give_date(line, dates[line.pk], reason="", by=by, now=now)

    note_acknowledgement(purchase_order, now=now)
    confirm_when_complete(purchase_order, lines.values(), now=now)
    bump_supply_version(product_ids={line.product_id for line in confirmed})
    return purchase_order


def note_acknowledgement(purchase_order: PurchaseOrder, *, now: datetime) -> None:
    """The supplier's first word on a locked order, whatever it says, is the acknowledgement."""
    if purchase_order.acknowledged_at is None:
        purchase_order.acknowledged_at = now
        purchase_order.save(update_fields=["acknowledged_at"])


def confirm_when_complete(purchase_order: PurchaseOrder, lines: Iterable[PurchaseOrderLine], *, now: datetime) -> None:
    """A locked order is confirmed once every line to come has a date."""
    lines = list(lines)
    complete = all(line.confirmed_on for line in lines if line.outstanding)
    if complete and any(line.outstanding for line in lines) and purchase_order.confirmed_at is None:
        purchase_order.confirmed_at = now
        if purchase_order.status == PurchaseOrderStatus.SENT:
            purchase_order.move_to(PurchaseOrderStatus.CONFIRMED)
        purchase_order.save(update_fields=["status", "confirmed_at"])


@transaction.atomic
def change_confirmed_date(
    *, line_id: int, new_on: date, reason: str, by: User | None, now: datetime
) -> PurchaseDateChange:
    """The supplier delays or hastens a confirmed line: a new row in its history. The same day again changes nothing.

    Raises InvalidDate for a day that is past, MoveNotAllowed for a line that is not confirmed or has nothing to come.
    """
    purchase_order, _, line = locked_with_order(line_id)
    refuse_unless(purchase_order, INBOUND_STATUSES, step="its dates stand")
    if line.confirmed_on is None:
        raise PurchaseOrderMoveNotAllowed(f"{line} has no confirmed date yet. Confirm it first.")
    if line.confirmed_on == new_on:
        return PurchaseDateChange.objects.filter(line=line).latest("pk")
    _refuse_impossible(line, new_on, today=timezone.localdate(now))
    change = _give_date(line, new_on, reason=reason, by=by, now=now)
    bump_supply_version(product_ids=[line.product_id])
    return change


def _refuse_impossible(line: PurchaseOrderLine, new_on: date, *, today: date) -> None:
    if not line.outstanding:
        raise PurchaseOrderMoveNotAllowed(
            f"{line} ({line.product.sku}) has nothing outstanding; its dates cannot change."
        )
    if new_on < today:
        raise InvalidDate(f"{line} ({line.product.sku}): {new_on:%-d %b %Y} is in the past.")


def _give_date(
    line: PurchaseOrderLine, new_on: date, *, reason: str, by: User | None, now: datetime
) -> PurchaseDateChange:
    previous_on, line.confirmed_on = line.confirmed_on, new_on
    line.save(update_fields=["first_confirmed_on", "confirmed_on"])
    return PurchaseDateChange.objects.create(
        line=line, previous_on=previous_on, new_on=new_on, reason=reason, made_by=by, made_at=now
    )
