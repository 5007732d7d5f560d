"""What accepting a supplier's proposal would do to the dates of those who wait, and the ways out of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from backorders.models import DelayCase, OrderLine
from backorders.promising.promise_dates import last_told
from backorders.promising.queue_dates import date_moves
from backorders.queue.compiled_policy import default_policy
from backorders.queue.queues import read_queues
from config.lib.errors import DomainError
from config.lib.numbers import line_value
from inventory.models import SupplierAnswer, SupplierAnswerLine
from inventory.suppliers.decide import AnswerDecision, AnswerVerdict, decide_on_answer


@dataclass(frozen=True, slots=True)
class Hit:
    """A waiting line whose date would move; None is "no reliable date yet". `told` says whether `told_on` was told."""

    line: OrderLine
    now_on: date | None
    then_on: date | None
    told: bool
    told_on: date | None
    applicable_on: date | None = None  # under a delay-notice rule: the day after which notice is due

    @property
    def is_later(self) -> bool:
        return self.now_on is not None and (self.then_on is None or self.then_on > self.now_on)

    @property
    def breaks_a_promise(self) -> bool:
        """The customer was told a day that would not be kept."""
        return self.told_on is not None and (self.then_on is None or self.then_on > self.told_on)

    @property
    def misses_the_latest_day(self) -> bool:
        latest = self.line.latest_on
        return latest is not None and (self.then_on is None or self.then_on > latest)

    @property
    def needs_a_notice(self) -> bool:
        """The law would have us ask the customer for consent."""
        applicable = self.applicable_on
        return applicable is not None and (self.then_on is None or self.then_on > applicable)

    @property
    def value(self) -> Decimal:
        return line_value(self.line.missing, self.line.unit_price)


@dataclass(frozen=True, slots=True)
class Impact:
    """`hits` in the order of their new dates; `refused` says why the proposal cannot be accepted any more."""

    hits: Sequence[Hit] = ()
    refused: str = ""

    @property
    def later(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.is_later]

    @property
    def customers(self) -> int:
        return len({hit.line.order.customer_id for hit in self.later})

    @property
    def value(self) -> Decimal:
        return sum((hit.value for hit in self.later), Decimal(0))

    @property
    def broken(self) -> int:
        return sum(hit.breaks_a_promise for hit in self.later)

    @property
    def deadlines(self) -> int:
        return sum(hit.misses_the_latest_day for hit in self.later)

    @property
    def notices(self) -> int:
        return sum(hit.needs_a_notice for hit in self.later)

    def units_short(self, product_id: int) -> int:
        """What would have to come some other way, so that nobody waits longer."""
        return sum(hit.line.missing for hit in self.later_of(product_id))

    def later_of(self, product_id: int) -> list[Hit]:
        return [hit for hit in self.later if hit.line.product_id == product_id]


def impact_of(answer: SupplierAnswer, proposals: Collection[SupplierAnswerLine], *, now: datetime) -> Impact:
    """Accept these proposals, walk the queues as promises do, look, and take everything back: nothing is written."""
    if not proposals:
        return Impact()
    product_ids = {proposal.purchase_order_line.product_id for proposal in proposals}
    try:
        today, then = _dates(product_ids, now=now), _dates_if_accepted(answer, proposals, product_ids, now=now)
    except DomainError as refusal:
        return Impact(refused=str(refusal))
    moved = {pk for pk in then.keys() | today.keys() if then.get(pk) != today.get(pk)}
    lines = OrderLine.objects.select_related("order__customer", "product", "warehouse").in_bulk(moved)
    heard = last_told(moved)
    applicable = dict(DelayCase.objects.unsettled().filter(pk__in=moved).values_list("pk", "applicable_on"))
    hits = [
        Hit(
            line,
            now_on=today.get(pk, line.promised_on),
            then_on=then.get(pk, line.promised_on),
            told=pk in heard,
            told_on=heard.get(pk),
            applicable_on=applicable.get(pk),
        )
        for pk, line in lines.items()
    ]
    return Impact(sorted(hits, key=lambda hit: (not hit.is_later, hit.then_on or date.max, hit.line.pk)))


def _dates_if_accepted(
    answer: SupplierAnswer, proposals: Collection[SupplierAnswerLine], product_ids: Collection[int], *, now: datetime
) -> Mapping[int, date | None]:
    with transaction.atomic():
        decide_on_answer(
            answer_id=answer.pk,
            decisions=[AnswerDecision(proposal.pk, AnswerVerdict.ACCEPT) for proposal in proposals],
            by=None,
            now=now,
        )
        dates = _dates(product_ids, now=now)
        transaction.set_rollback(True)
    return dates


def _dates(product_ids: Collection[int], *, now: datetime) -> Mapping[int, date | None]:
    """The dates that differ from those promised so far, by line."""
    policy = default_policy()
    moves = date_moves(read_queues(product_ids, reads=policy.reads), policy, now=now)
    return {move.line.id: move.promised_on for move in moves}
