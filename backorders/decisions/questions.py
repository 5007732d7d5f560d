"""Asking customers about what waits, and letting silence decide when their time is over."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
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
from config.lib.numbers import line_value
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
    order, [line] = _locked(order_id, [line_id])
    deadline_on = _deadline(order, answer_by, now)
    _refuse_senseless(line, kind, end_of_day(deadline_on, order.customer.time_zone), now)
    offer = _offer(line, substitute_id) if kind == QuestionKind.SUBSTITUTE else None
    [question] = _put([line], kind, default, deadline_on, offer=offer, by=by, now=now)
    return question


def _locked(order_id: int, line_ids: Sequence[int]) -> tuple[SalesOrder, list[OrderLine]]:
    order = SalesOrder.objects.select_related("customer").locked().get(pk=order_id)
    lines = list(OrderLine.objects.filter(pk__in=line_ids).select_related("product").locked())
    for line in lines:
        line.order = order
    return order, lines


def _deadline(order: SalesOrder, answer_by: date | None, now: datetime) -> date:
    days = timedelta(days=CustomerSettings.objects.get().answer_days)
    return answer_by or local_day(now, order.customer.time_zone) + days


def _put(
    lines: Sequence[OrderLine],
    kind: QuestionKind,
    default: Answer,
    deadline_on: date,
    *,
    offer: SubstituteOffer | None = None,
    by: User | None,
    now: datetime,
) -> list[Question]:
    """One email about some lines of an order, and a question for each of them."""
    order = lines[0].order
    number = Question.objects.filter(line=lines[0]).count() + 1
    value = sum((line_value(line.missing, line.unit_price) for line in lines), Decimal())
    keys = tell_customers(
        QuestionAsked,
        news={line.pk: line.missing for line in lines},
        fact=f"question:{lines[0].pk}:{number}",
        cause=f"Question: {kind.label.lower()}",
        now=now,
        question=kind.value,
        default=default.value,
        deadline=day_in_words(deadline_on, order.customer.language),
        value=f"{amount_in_words(value, order.customer.language)} {order.currency}" if value else "",
        **_offer_in_words(offer, order),
    )
    questions = Question.objects.bulk_create(
        Question(
            line=line,
            kind=kind,
            units=line.missing,
            default=default,
            asked_at=now,
            asked_by=by,
            deadline_at=end_of_day(deadline_on, order.customer.time_zone),
            substitute=offer.substitute if offer else None,
            offered_units=offer.units if offer else None,
            offered_price=offer.price if offer else None,
            message_key=keys[line.pk],
        )
        for line in lines
    )
    note = f"{kind.label}, by {deadline_on:%-d %b %Y}; without an answer: {default.label.lower()}"
    events = [Event(line.pk, EventKind.ASKED, line.missing, note, keys[line.pk]) for line in lines]
    record_events(events, now=now, by=by)
    return questions


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
    """Ask whether to wait, in one email for each order; what was refused stands beside its line, else it is blank."""
    by_order: dict[int, list[int]] = defaultdict(list)
    for line in lines:
        by_order[line.order_id].append(line.pk)
    refusals: dict[int, str] = {}
    for order_id, line_ids in by_order.items():
        refusals |= _ask_order(order_id, line_ids, default, by=by, now=now)
    return [(line, refusals.get(line.pk, "")) for line in lines]


@transaction.atomic
def _ask_order(order_id: int, line_ids: Sequence[int], default: Answer, *, by: User, now: datetime) -> dict[int, str]:
    """The refusals, by line."""
    order, lines = _locked(order_id, line_ids)
    deadline_on = _deadline(order, None, now)
    fit, refusals = [], {}
    for line in lines:
        try:
            _refuse_senseless(line, QuestionKind.WAIT, end_of_day(deadline_on, order.customer.time_zone), now)
            fit.append(line)
        except DomainError as error:
            refusals[line.pk] = str(error)
    if fit:
        _put(fit, QuestionKind.WAIT, default, deadline_on, by=by, now=now)
    return refusals


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

    Questions about lines that are closed or wait no more are withdrawn. One that cannot be carried out is tried again
    later.
    """
    withdraw_moot(now=now)
    due = Question.objects.open().filter(deadline_at__lte=now).order_by("deadline_at", "pk")
    due = due.exclude(kind=QuestionKind.NOTICE, default=Answer.CANCEL_REST)  # the law's own sweep does these

    def settle(pk: int) -> None:
        line_id, default = Question.objects.values_list("line_id", "default").get(pk=pk)
        decide(line_id=line_id, answer=Answer(default), decider=SILENCE, key=f"silence:{pk}", now=now, question_id=pk)

    return each_by_itself(list(due.values_list("pk", flat=True)), settle)


@transaction.atomic
def withdraw_moot(*, now: datetime) -> int:
    """End the questions about lines that are closed or no longer wait: there is nothing left to decide."""
    moot = Question.objects.open().exclude(pk__in=Question.objects.asking().values("pk"))
    chosen = [question.pk for question in moot.locked()]
    return Question.objects.filter(pk__in=chosen).update(state=QuestionState.WITHDRAWN, settled_at=now)


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
