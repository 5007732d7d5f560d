"""Asking a supplier: the order itself, once more, or when a line can come."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from config.lib.text import clean_line
from inventory.enums import INBOUND_STATUSES, LinkPurpose
from inventory.errors import InvalidDate, InvalidQuantity, PurchaseOrderMoveNotAllowed
from inventory.models import PurchaseOrder, PurchaseOrderLine, SupplierLink, SupplierQuestion
from inventory.purchasing.locks import locked_lines, locked_order, refuse_foreign_lines, refuse_unless
from inventory.suppliers.links import send_link
from inventory.suppliers.requested import asked_days
from notifications.payloads import PurchaseMailLine, PurchaseOrderMail, PurchaseQuestion


class SupplierWish(NamedTuple):
    """The day by which we would like a line; None asks for the best day that they can name."""

    line_id: int
    wished_on: date | None = None
    note: str = ""


@transaction.atomic
def resend_purchase_order(*, purchase_order_id: int, by: User | None, now: datetime) -> SupplierLink:
    """Write the order to the supplier once more, with a new link. Raises MoveNotAllowed unless it is on its way."""
    purchase_order = locked_order(purchase_order_id)
    refuse_unless(purchase_order, INBOUND_STATUSES, step="there is nothing to write to the supplier")
    return write_order(purchase_order, list(locked_lines(purchase_order).values()), by=by, now=now)


def write_order(
    purchase_order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], *, by: User | None, now: datetime
) -> SupplierLink:
    """The letter with the order, in the transaction that sends it."""
    return send_link(
        purchase_order=purchase_order,
        purpose=LinkPurpose.ORDER,
        letter=PurchaseOrderMail,
        lines=lines_to_ask(purchase_order, lines),
        note=purchase_order.note,
        by=by,
        now=now,
    )


@transaction.atomic
def ask_supplier(
    *, purchase_order_id: int, wishes: Sequence[SupplierWish], by: User | None, now: datetime
) -> SupplierLink:
    """Ask when these lines can come, by one letter with a link; promises and dates stay as they are.

    Raises MoveNotAllowed for a line that has nothing to come, InvalidDate for a wish in the past, NoAddress, WrongLine.
    """
    purchase_order = locked_order(purchase_order_id)
    refuse_unless(purchase_order, INBOUND_STATUSES, step="there is nothing to ask for")
    lines = locked_lines(purchase_order)
    refuse_foreign_lines(purchase_order, lines, [wish.line_id for wish in wishes])
    if not wishes:
        raise InvalidQuantity(f"Choose at least one line of {purchase_order.number} to ask for.")
    for wish in wishes:
        _refuse_impossible(lines[wish.line_id], wish, today=timezone.localdate(now))
    asked = asked_days(purchase_order, lines.values())
    link = send_link(
        purchase_order=purchase_order,
        purpose=LinkPurpose.QUESTION,
        letter=PurchaseQuestion,
        lines=[_mail_line(lines[wish.line_id], wish.wished_on or asked.get(wish.line_id)) for wish in wishes],
        note="\n".join(note for wish in wishes if (note := clean_line(wish.note))),
        by=by,
        now=now,
    )
    SupplierQuestion.objects.bulk_create(
        SupplierQuestion(link=link, purchase_order_line_id=wish.line_id, wished_on=wish.wished_on, note=wish.note)
        for wish in wishes
    )
    return link


def lines_to_ask(purchase_order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> list[PurchaseMailLine]:
    """What is outstanding, and by when we want it."""
    asked = asked_days(purchase_order, lines)
    return [
        _mail_line(line, asked.get(line.pk)) for line in sorted(lines, key=lambda line: line.number) if line.outstanding
    ]


def _mail_line(line: PurchaseOrderLine, wanted_on: date | None) -> PurchaseMailLine:
    return PurchaseMailLine(
        sku=line.product.sku,
        name=line.product.name,
        unit=line.product.unit,
        quantity=line.outstanding,
        ordered=line.ordered,
        open=line.outstanding,
        promised_on=wanted_on,
        previous_promised_on=line.confirmed_on,
    )


def _refuse_impossible(line: PurchaseOrderLine, wish: SupplierWish, *, today: date) -> None:
    if not line.outstanding:
        raise PurchaseOrderMoveNotAllowed(
            f"{line} ({line.product.sku}) has nothing to come: there is nothing to ask for."
        )
    if wish.wished_on and wish.wished_on < today:
        raise InvalidDate(f"{line} ({line.product.sku}): {wish.wished_on:%-d %b %Y} is in the past.")
