"""The supplier's answer by a link: what agrees is taken at once, the rest waits for the buyer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from config.lib.text import clean_line
from inventory.engine.answers import OfferedPart, is_agreed
from inventory.enums import INBOUND_STATUSES, AnswerState, LinkPurpose
from inventory.errors import InvalidAnswer, InvalidDate, OrderChanged
from inventory.models import (
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierAnswerPart,
)
from inventory.purchasing.dates import change_confirmed_date, confirm_purchase_order, note_acknowledgement
from inventory.purchasing.locks import locked_lines, locked_order, refuse_foreign_lines, refuse_unless
from inventory.suppliers.links import end_answered_links, find_link, link_on_the_page, send_link
from inventory.suppliers.requested import asked_days, version_of
from notifications.payloads import PurchaseMailLine, PurchaseReply

LONGEST_COMMENT = 2000
MOST_PARTS = 6


class LineAnswer(NamedTuple):
    """What the supplier says to one line; a reason where it is not what we asked for."""

    line_id: int
    parts: tuple[OfferedPart, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnswerTaken:
    """`token` opens the order again for what may change later; `proposed` lines wait for the buyer."""

    answer: SupplierAnswer
    token: str
    proposed: int


@transaction.atomic
def answer_purchase_order(
    *, token: str, answers: Sequence[LineAnswer], comment: str = "", version: str, now: datetime
) -> AnswerTaken:
    """Take down an answer. A whole quantity by the day that we asked for becomes the line's date at once; a later day,
    a split or a rejection is a proposal and changes nothing yet. The answer uses up every link given out so far.

    `version` says what the supplier was looking at. Raises LinkNotValid, OrderChanged, MoveNotAllowed when the order is
    not on its way, WrongLine, InvalidDate for a day that is past, InvalidAnswer.
    """
    opened = find_link(token, now=now)
    purchase_order = locked_order(opened.purchase_order_id)
    link = find_link(token, now=now)  # again: two answers at once, and one of them waited for the lock
    refuse_unless(purchase_order, INBOUND_STATUSES, step="there is nothing to answer")
    lines = locked_lines(purchase_order)
    asked = asked_days(purchase_order, lines.values())
    if version != version_of(purchase_order, lines.values(), asked):
        raise OrderChanged(f"{purchase_order.number} has changed since this page was opened.")
    refuse_foreign_lines(purchase_order, lines, [answer.line_id for answer in answers])
    _refuse_impossible(lines, answers, asked, comment, today=timezone.localdate(now))

    end_answered_links(purchase_order=purchase_order, now=now)
    answer = SupplierAnswer.objects.create(
        purchase_order=purchase_order, link=link, comment=comment.strip(), made_at=now
    )
    taken = [said for said in answers if _agrees(said, lines[said.line_id], asked)]
    _write_lines(answer, answers, taken, asked, now=now)
    note_acknowledgement(purchase_order, now=now)
    _take_dates(purchase_order, lines, taken, now=now)
    if taken and len(taken) == len(answers):
        _thank(purchase_order, lines, taken, now=now)
    return AnswerTaken(answer, link_on_the_page(purchase_order=purchase_order, now=now), len(answers) - len(taken))


def _agrees(said: LineAnswer, line: PurchaseOrderLine, asked: Mapping[int, date]) -> bool:
    return is_agreed(said.parts, outstanding=line.outstanding, asked_on=asked[line.pk])


def _write_lines(
    answer: SupplierAnswer,
    answers: Sequence[LineAnswer],
    taken: Sequence[LineAnswer],
    asked: Mapping[int, date],
    *,
    now: datetime,
) -> None:
    """A newer word on a line replaces a proposal that nobody has decided on."""
    SupplierAnswerLine.objects.open().filter(purchase_order_line__in=[said.line_id for said in answers]).update(
        state=AnswerState.REPLACED, decided_at=now
    )
    agreed = {said.line_id for said in taken}
    rows = SupplierAnswerLine.objects.bulk_create(
        SupplierAnswerLine(
            answer=answer,
            purchase_order_line_id=said.line_id,
            asked_on=asked[said.line_id],
            reason=said.reason,
            state=AnswerState.TAKEN if said.line_id in agreed else AnswerState.OPEN,
            decided_at=now if said.line_id in agreed else None,
        )
        for said in answers
    )
    SupplierAnswerPart.objects.bulk_create(
        SupplierAnswerPart(answer_line=row, quantity=part.quantity, available_on=part.available_on)
        for row, said in zip(rows, answers, strict=True)
        for part in said.parts
    )


def _take_dates(
    purchase_order: PurchaseOrder,
    lines: Mapping[int, PurchaseOrderLine],
    taken: Sequence[LineAnswer],
    *,
    now: datetime,
) -> None:
    first_dates = {}
    for said in taken:
        [part] = said.parts
        if part.available_on and lines[said.line_id].confirmed_on is None:
            first_dates[said.line_id] = part.available_on
        elif part.available_on:
            change_confirmed_date(line_id=said.line_id, new_on=part.available_on, reason=said.reason, by=None, now=now)
    if first_dates:
        confirm_purchase_order(purchase_order_id=purchase_order.pk, dates=first_dates, by=None, now=now)


def _thank(
    purchase_order: PurchaseOrder,
    lines: Mapping[int, PurchaseOrderLine],
    taken: Sequence[LineAnswer],
    *,
    now: datetime,
) -> None:
    """The supplier keeps a link for what may change later; without an address there is the one on the page."""
    if not purchase_order.supplier.email:
        return
    send_link(
        purchase_order=purchase_order,
        purpose=LinkPurpose.REPLY,
        letter=PurchaseReply,
        lines=[
            PurchaseMailLine(
                sku=lines[said.line_id].product.sku,
                name=lines[said.line_id].product.name,
                unit=lines[said.line_id].product.unit,
                quantity=said.parts[0].quantity,
                promised_on=said.parts[0].available_on,
                outcome="accepted",
            )
            for said in taken
        ],
        by=None,
        now=now,
    )


def _refuse_impossible(
    lines: Mapping[int, PurchaseOrderLine],
    answers: Sequence[LineAnswer],
    asked: Mapping[int, date],
    comment: str,
    *,
    today: date,
) -> None:
    if not answers and not comment.strip():
        raise InvalidAnswer("The answer says nothing: answer at least one line, or write a comment.")
    if len(comment) > LONGEST_COMMENT or "\0" in comment:
        raise InvalidAnswer(f"A comment has at most {LONGEST_COMMENT:,} plain characters.")
    if len({answer.line_id for answer in answers}) < len(answers):
        raise InvalidAnswer("A line is answered twice.")
    for answer in answers:
        _refuse_line(lines[answer.line_id], answer, asked, today=today)


def _refuse_line(line: PurchaseOrderLine, said: LineAnswer, asked: Mapping[int, date], *, today: date) -> None:
    name = f"{line} ({line.product.sku})"
    if not line.outstanding:
        raise InvalidAnswer(f"{name} has nothing to come: there is nothing to answer.")
    if len(said.parts) > MOST_PARTS or any(part.quantity < 1 for part in said.parts):
        raise InvalidAnswer(f"{name}: name one to {MOST_PARTS} deliveries of at least one unit each.")
    total = sum(part.quantity for part in said.parts)
    if total != line.outstanding:
        raise InvalidAnswer(f"{name}: the parts come to {total:,} units, but {line.outstanding:,} are outstanding.")
    days = [part.available_on for part in said.parts]
    if len(set(days)) < len(days):
        raise InvalidAnswer(f"{name}: a day is named twice.")
    for day in days:
        if day is not None and day < today:
            raise InvalidDate(f"{name}: {day:%-d %b %Y} is in the past.")
    try:
        reason = clean_line(said.reason)
    except ValidationError as error:
        raise InvalidAnswer(f"{name}: {error.messages[0]}") from None
    if not reason and not _agrees(said, line, asked):
        raise InvalidAnswer(f"{name}: please say why it is not as asked.")
    if len(reason) > 200:
        raise InvalidAnswer(f"{name}: a reason has at most 200 characters.")
