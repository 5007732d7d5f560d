"""The supplier's word on dates. What was said first is what the supplier is measured by, so it is written once."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from config.lib.bulk import update_rows
from inventory.enums import INBOUND_STATUSES, PurchaseOrderStatus
from inventory.errors import InvalidDate, PurchaseOrderMoveNotAllowed
from inventory.models import PurchaseDateChange, PurchaseOrder, PurchaseOrderLine
from inventory.products.supply_version import bump_supply_version
from inventory.purchasing.locks import (
    locked_lines,
    locked_order,
    locked_with_lines,
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
    _write_dates(_date_given(line, dates[line.pk], reason="", by=by, now=now) for line in confirmed)

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


class NewDate(NamedTuple):
    """The supplier's new word on a confirmed line."""

    line_id: int
    new_on: date
    reason: str


def change_confirmed_date(
    *, line_id: int, new_on: date, reason: str, by: User | None, now: datetime
) -> PurchaseDateChange:
    """The supplier delays or hastens a confirmed line. Raises what `change_confirmed_dates` raises."""
    [change] = change_confirmed_dates(changes=[NewDate(line_id, new_on, reason)], by=by, now=now)
    return change


@transaction.atomic
def change_confirmed_dates(*, changes: Sequence[NewDate], by: User | None, now: datetime) -> list[PurchaseDateChange]:
    """One letter or a file full of new dates: of each a new row in the history of its line, in the order given. The
    same day again changes nothing.

    Raises InvalidDate for a day that is past, MoveNotAllowed for a line that is not confirmed or has nothing to come.
    """
    chosen = PurchaseOrderLine.objects.filter(pk__in=[change.line_id for change in changes])
    orders = locked_with_lines(chosen.values_list("purchase_order_id", flat=True))
    lines = {pk: line for of_order in orders.values() for pk, line in of_order.items()}
    today = timezone.localdate(now)
    written: dict[NewDate, PurchaseDateChange] = {}
    for change in changes:
        line = lines[change.line_id]
        refuse_unless(line.purchase_order, INBOUND_STATUSES, step="its dates stand")
        if line.confirmed_on is None:
            raise PurchaseOrderMoveNotAllowed(f"{line} has no confirmed date yet. Confirm it first.")
        if line.confirmed_on != change.new_on:
            _refuse_impossible(line, change.new_on, today=today)
            written[change] = _date_given(line, change.new_on, reason=change.reason, by=by, now=now)
    _write_dates(written.values())
    bump_supply_version(product_ids={change.line.product_id for change in written.values()})
    return [written.get(c) or PurchaseDateChange.objects.filter(line=c.line_id).latest("pk") for c in changes]


def _refuse_impossible(line: PurchaseOrderLine, new_on: date, *, today: date) -> None:
    if not line.outstanding:
        raise PurchaseOrderMoveNotAllowed(
            f"{line} ({line.product.sku}) has nothing outstanding; its dates cannot change."
        )
    if new_on < today:
        raise InvalidDate(f"{line} ({line.product.sku}): {new_on:%-d %b %Y} is in the past.")


def _date_given(
    line: PurchaseOrderLine, new_on: date, *, reason: str, by: User | None, now: datetime
) -> PurchaseDateChange:
    previous_on, line.confirmed_on = line.confirmed_on, new_on
    return PurchaseDateChange(line=line, previous_on=previous_on, new_on=new_on, reason=reason, made_by=by, made_at=now)


def _write_dates(changes: Iterable[PurchaseDateChange]) -> None:
    changes = list(changes)
    lines = {change.line_id: change.line for change in changes}
    update_rows(lines.values(), ["first_confirmed_on", "confirmed_on"])
    PurchaseDateChange.objects.bulk_create(changes)
