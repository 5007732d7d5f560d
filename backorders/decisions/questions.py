"""Asking customers about what waits, and letting silence decide when their time is over."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from backorders.decisions.calendars import end_of_day, local_day
from backorders.decisions.decide import SILENCE, decide
from backorders.decisions.substitutes import SubstituteOffer, offers_for
from backorders.enums import Answer, EventKind, QuestionKind, QuestionState
from backorders.errors import CannotAsk, NobodyToTell
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.models import CustomerSettings, OrderLine, Question, SalesOrder
from config.lib.errors import DomainError
from config.lib.sweep_each import each_by_itself
from config.lib.text import counted
from notifications.payloads import QuestionAsked
from notifications.services.speaker import amount_in_words, day_in_words

logger = logging.getLogger(__name__)


@transaction.atomic
def ask(
    *,
    line_id: int,
    kind: QuestionKind,
    by: User | None,
    now: datetime,
    default: Answer = Answer.KEEP_WAITING,
    answer_by: date | None = None,
    substitute_id: int | None = None,
) -> Question:
    """Ask the customer by email whether to wait, or to take a substitute; silence after `answer_by` means `default`.

    Raises CannotAsk when the line does not wait, is asked this already, or the substitute is not approved or cannot
    come at once; NobodyToTell when there is no address.
    """
    order_id = OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order = SalesOrder.objects.select_related("customer").locked().get(pk=order_id)
    line = OrderLine.objects.select_related("product").locked().get(pk=line_id)
    line.order = order
    deadline_on = answer_by or local_day(now, order.customer.time_zone) + timedelta(
        days=CustomerSettings.objects.get().answer_days
    )
    deadline_at = end_of_day(deadline_on, order.customer.time_zone)
    _refuse_senseless(line, kind, deadline_at, now)
    offer = _offer(line, substitute_id) if kind == QuestionKind.SUBSTITUTE else None
    number = Question.objects.filter(line=line).count() + 1
    keys = tell_customers(
        QuestionAsked,
        news={line.pk: line.missing},
        fact=f"question:{line.pk}:{number}",
        cause=f"Question: {kind.label.lower()}",
        now=now,
        question=kind.value,
        default=default.value,
        deadline=day_in_words(deadline_on, order.customer.language),
        **_offer_in_words(offer, order),
    )
    question = Question.objects.create(
        line=line,
        kind=kind,
        default=default,
        asked_at=now,
        asked_by=by,
        deadline_at=deadline_at,
        substitute=offer.substitute if offer else None,
        offered_units=offer.units if offer else None,
        offered_price=offer.price if offer else None,
        message_key=keys[line.pk],
    )
    note = f"{kind.label}, by {deadline_on:%-d %b %Y}; without an answer: {default.label.lower()}"
    record_events([Event(line.pk, EventKind.ASKED, line.missing, note, keys[line.pk])], now=now, by=by)
    return question


def _refuse_senseless(line: OrderLine, kind: QuestionKind, deadline_at: datetime, now: datetime) -> None:
    if not line.is_open or not line.missing:
        raise CannotAsk(f"{line} is not waiting, so there is nothing to ask.")
    if Question.objects.open().filter(line=line, kind=kind).exists():
        raise CannotAsk(f"{line}: the customer has already been asked this.")
    if deadline_at <= now:
        raise CannotAsk("The last day to answer has passed.")
    if not line.order.customer.email:
        raise NobodyToTell(f"{line.order.customer} has no email address.")


def _offer(line: OrderLine, substitute_id: int | None) -> SubstituteOffer:
    offers = {offer.substitute.pk: offer for offer in offers_for(line)}
    offer = offers.get(substitute_id or 0)
    if offer is None:
        raise CannotAsk(f"{line}: this product is not approved as a substitute for {line.product.sku}.")
    if line.allocated:
        raise CannotAsk(
            f"{line}: {counted(line.allocated, 'unit is,units are')} allocated: only ask about lines without stock."
        )
    if offer.free < offer.units:
        raise CannotAsk(f"{line}: only {offer.free} × {offer.substitute.substitute.sku} are free.")
    return offer


def _offer_in_words(offer: SubstituteOffer | None, order: SalesOrder) -> dict[str, Any]:
    if offer is None:
        return {}
    product = offer.substitute.substitute
    price = f"{amount_in_words(offer.price, order.customer.language)} {order.currency}"
    return {"offered": f"{offer.units} × {product.name} ({product.sku})", "offered_price": price}


def ask_lines(*, lines: Sequence[OrderLine], by: User, now: datetime, default: Answer) -> list[tuple[OrderLine, str]]:
    """Ask about each line by itself; what was refused stands beside it, blank where the email is on its way."""
    told = []
    for line in lines:
        try:
            ask(line_id=line.pk, kind=QuestionKind.WAIT, by=by, now=now, default=default)
            told.append((line, ""))
        except DomainError as error:
            told.append((line, str(error)))
    return told


@transaction.atomic
def withdraw(*, question_id: int, now: datetime) -> bool:
    """Take a question back; False when it was settled before."""
    line_id = Question.objects.values_list("line_id", flat=True).get(pk=question_id)
    order_id = OrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    SalesOrder.objects.locked().get(pk=order_id)
    open_one = Question.objects.open().filter(pk=question_id).exclude(kind=QuestionKind.NOTICE)
    return bool(open_one.update(state=QuestionState.WITHDRAWN, settled_at=now))


def decide_by_silence(*, now: datetime) -> int:
    """Carry out the defaults of all questions whose time is over, each by itself; returns how many were settled.

    A question about a line that is closed by now is withdrawn. One that cannot be carried out is tried again later.
    """
    due = Question.objects.open().filter(deadline_at__lte=now).order_by("deadline_at", "pk")
    due = due.exclude(kind=QuestionKind.NOTICE, default=Answer.CANCEL_REST)  # the law's own sweep does these

    def settle(pk: int) -> None:
        asked = Question.objects.values_list("line_id", "line__is_open", "default")
        line_id, is_open, default = asked.get(pk=pk)
        if is_open:
            key = f"silence:{pk}"
            decide(line_id=line_id, answer=Answer(default), decider=SILENCE, key=key, now=now, question_id=pk)
        else:
            withdraw_moot(question_id=pk, now=now)

    return each_by_itself(list(due.values_list("pk", flat=True)), settle)


@transaction.atomic
def withdraw_moot(*, question_id: int, now: datetime) -> None:
    Question.objects.open().filter(pk=question_id).update(state=QuestionState.WITHDRAWN, settled_at=now)


def offer_substitutes(*, now: datetime) -> int:
    """Offer the best approved substitute to lines that wait without a date, where the settings say so; each once."""
    if not CustomerSettings.objects.get().offers_by_rule:
        return 0
    lines = OrderLine.objects.waiting().filter(
        promised_on__isnull=True, allocated=0, product__substitutes__active=True, backordered_at__isnull=False
    )
    lines = lines.exclude(questions__kind=QuestionKind.SUBSTITUTE).exclude(order__customer__email="").distinct()
    offered = 0
    for line in lines.select_related("order", "product").order_by("pk"):
        for offer in offers_for(line):
            try:
                ask(line_id=line.pk, kind=QuestionKind.SUBSTITUTE, by=None, now=now, substitute_id=offer.substitute.pk)
            except DomainError as error:
                logger.info("No offer for %s: %s", line, error)
            else:
                offered += 1
                break
    return offered
