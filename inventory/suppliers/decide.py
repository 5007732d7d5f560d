"""The buyer's word on what a supplier proposed: accept, ask for another day, or decline."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from config.lib.text import clean_line
from inventory.enums import INBOUND_STATUSES, AnswerState, LinkPurpose
from inventory.errors import AnswerAlreadyDecided, InvalidAnswer, InvalidDate, OrderChanged, WrongLine
from inventory.models import (
    PurchaseOrder,
    PurchaseOrderLine,
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierAnswerPart,
    SupplierLink,
    SupplierQuestion,
)
from inventory.purchasing.close import cancel_purchase_line
from inventory.purchasing.dates import change_confirmed_date, confirm_purchase_order, confirm_when_complete
from inventory.purchasing.locks import locked_lines, locked_order, refuse_unless
from inventory.purchasing.split import split_purchase_line
from inventory.suppliers.links import send_link
from notifications.payloads import PurchaseMailLine, PurchaseReply


class AnswerVerdict(StrEnum):
    ACCEPT = "accepted"
    COUNTER = "countered"
    DECLINE = "declined"


class AnswerDecision(NamedTuple):
    """On one proposal (`answer_line_id`); a counter names the day that we want instead."""

    answer_line_id: int
    verdict: AnswerVerdict
    counter_on: date | None = None
    note: str = ""


@transaction.atomic
def decide_on_answer(
    *, answer_id: int, decisions: Sequence[AnswerDecision], by: User | None, now: datetime
) -> SupplierAnswer:
    """Accepting makes the proposal true: dates move, quantities split off, rejected units are given up. Countering and
    declining change no date. The supplier hears of it in one letter with a new link.

    Raises AlreadyDecided for a part that was decided on or replaced, OrderChanged when units came meanwhile,
    InvalidDate for a day that is past by now, InvalidAnswer for no decision or a counter without a day, MoveNotAllowed.
    """
    answer = SupplierAnswer.objects.get(pk=answer_id)
    purchase_order = locked_order(answer.purchase_order_id)
    refuse_unless(purchase_order, INBOUND_STATUSES, step="there is nothing left to decide")
    lines = locked_lines(purchase_order)
    proposals = {line.pk: line for line in SupplierAnswerLine.objects.filter(answer=answer).locked()}
    _refuse_impossible(proposals, decisions, today=timezone.localdate(now))
    letter: list[PurchaseMailLine] = []
    for decision in decisions:
        proposal = proposals[decision.answer_line_id]
        line = lines[proposal.purchase_order_line_id]
        parts = list(proposal.parts.order_by("available_on", "pk"))
        letter += [_mail_line(line, part, decision) for part in parts]
        if decision.verdict == AnswerVerdict.ACCEPT:
            _make_true(line, parts, reason=proposal.reason, by=by, now=now)
        proposal.state = AnswerState(decision.verdict.value)
        proposal.note, proposal.decided_by, proposal.decided_at = clean_line(decision.note), by, now
        proposal.save(update_fields=["state", "note", "decided_by", "decided_at"])
    _settle_confirmation(purchase_order, now=now)
    _reply(purchase_order, decisions, proposals, letter, by=by, now=now)
    return answer


def _refuse_impossible(
    proposals: dict[int, SupplierAnswerLine], decisions: Sequence[AnswerDecision], *, today: date
) -> None:
    if not decisions:
        raise InvalidAnswer("Decide on at least one line.")
    for decision in decisions:
        proposal = proposals.get(decision.answer_line_id)
        if proposal is None:
            raise WrongLine(f"There is no line with id {decision.answer_line_id} in this answer.")
        if proposal.state != AnswerState.OPEN:
            raise AnswerAlreadyDecided(
                f"{proposal.purchase_order_line}: this proposal is {proposal.get_state_display().lower()} already."
            )
        if decision.verdict == AnswerVerdict.COUNTER and decision.counter_on is None:
            raise InvalidAnswer(f"{proposal.purchase_order_line}: name the day that you want instead.")
        if decision.counter_on and decision.counter_on < today:
            raise InvalidDate(f"{proposal.purchase_order_line}: {decision.counter_on:%-d %b %Y} is in the past.")


def _make_true(
    line: PurchaseOrderLine,
    parts: Sequence[SupplierAnswerPart],
    *,
    reason: str,
    by: User | None,
    now: datetime,
) -> None:
    """The first day stays with the line, other days split off, units without a day are given up."""
    total = sum(part.quantity for part in parts)
    if total != line.outstanding:
        raise OrderChanged(
            f"{line} ({line.product.sku}): the supplier answered for {total:,} units, but {line.outstanding:,} are "
            "outstanding now: ask again."
        )
    dated = [(part.available_on, part.quantity) for part in parts if part.available_on]
    for day, quantity in dated[1:]:
        split_purchase_line(line_id=line.pk, quantity=quantity, new_on=day, reason=reason, by=by, now=now)
    if refused := sum(part.quantity for part in parts if part.available_on is None):
        cancel_purchase_line(line_id=line.pk, quantity=refused, rejected=True, by=by, now=now)
    if not dated:
        return
    first_on = dated[0][0]
    if line.confirmed_on is None:
        confirm_purchase_order(purchase_order_id=line.purchase_order_id, dates={line.pk: first_on}, by=by, now=now)
    else:
        change_confirmed_date(line_id=line.pk, new_on=first_on, reason=reason, by=by, now=now)


def _settle_confirmation(purchase_order: PurchaseOrder, *, now: datetime) -> None:
    """A rejected line may have been the last one without a date."""
    purchase_order = locked_order(purchase_order.pk)
    if purchase_order.status in INBOUND_STATUSES:
        confirm_when_complete(purchase_order, locked_lines(purchase_order).values(), now=now)


def _reply(
    purchase_order: PurchaseOrder,
    decisions: Sequence[AnswerDecision],
    proposals: dict[int, SupplierAnswerLine],
    letter: Sequence[PurchaseMailLine],
    *,
    by: User | None,
    now: datetime,
) -> None:
    counters = [decision for decision in decisions if decision.verdict == AnswerVerdict.COUNTER]
    if not purchase_order.supplier.email and not counters:
        return
    link: SupplierLink = send_link(
        purchase_order=purchase_order,
        purpose=LinkPurpose.QUESTION if counters else LinkPurpose.REPLY,
        letter=PurchaseReply,
        lines=letter,
        by=by,
        now=now,
    )
    SupplierQuestion.objects.bulk_create(
        SupplierQuestion(
            link=link,
            purchase_order_line_id=proposals[decision.answer_line_id].purchase_order_line_id,
            counters_id=decision.answer_line_id,
            wished_on=decision.counter_on,
            note=clean_line(decision.note),
        )
        for decision in counters
    )


def _mail_line(line: PurchaseOrderLine, part: SupplierAnswerPart, decision: AnswerDecision) -> PurchaseMailLine:
    accepted = decision.verdict == AnswerVerdict.ACCEPT
    return PurchaseMailLine(
        sku=line.product.sku,
        name=line.product.name,
        unit=line.product.unit,
        quantity=part.quantity,
        promised_on=part.available_on if accepted else decision.counter_on,
        previous_promised_on=None if accepted else part.available_on,
        note=clean_line(decision.note),
        outcome=decision.verdict.value,
    )
