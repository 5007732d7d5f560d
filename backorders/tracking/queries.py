"""What a customer may see of one order: their lines, their parcels, their dates. Nothing of anybody else."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backorders.enums import AllocationState, PromiseSource, ShipmentStatus
from backorders.letters.sendings import sendings_of
from backorders.models import Allocation, OrderLine, Promise, Question, SalesOrder


@dataclass(frozen=True, slots=True)
class DateTold:
    """A date that the customer was told, and when; None is "no reliable date"."""

    on: date | None
    told_at: datetime
    from_stock: bool


@dataclass(frozen=True, slots=True)
class TrackedLine:
    line: OrderLine
    history: Sequence[DateTold]
    picked: int
    questions: Sequence[Question]

    @property
    def ready(self) -> int:
        """Units set aside or in the packing room: they ship next."""
        return self.line.allocated

    @property
    def cancellable(self) -> int:
        """Open units that are not being packed."""
        return self.line.open - self.picked

    @property
    def promised_from(self) -> date | None:
        """The early end of the range, where the promise has one that says more than the date itself."""
        early = getattr(self.line, "p50_on", None)
        return early if early and self.line.promised_on and early < self.line.promised_on else None


@dataclass(frozen=True, slots=True)
class TrackedParcel:
    """A shipment that left, with what was in it."""

    number: str
    shipped_at: datetime
    carrier: str
    tracking_number: str
    contents: Sequence[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class TrackingPage:
    order: SalesOrder
    lines: Sequence[TrackedLine]
    parcels: Sequence[TrackedParcel]

    @property
    def anything_open(self) -> bool:
        return any(row.line.is_open for row in self.lines)

    @property
    def cancellable(self) -> int:
        return sum(row.cancellable for row in self.lines if row.line.is_open)

    @property
    def first_open(self) -> OrderLine | None:
        return next((row.line for row in self.lines if row.line.is_open), None)

    @property
    def may_cancel_all(self) -> bool:
        """Several lines are open and at least one of them had to wait."""
        open_rows = [row for row in self.lines if row.line.is_open]
        return len(open_rows) > 1 and self.cancellable > 0 and any(r.line.backordered_at for r in open_rows)

    @property
    def may_ship_in_parts(self) -> bool:
        """Something is here, the rest is not, and so far the order waits to be complete."""
        open_lines = [row.line for row in self.lines if row.line.is_open]
        return (
            self.order.ship_complete
            and any(line.allocated for line in open_lines)
            and any(line.missing for line in open_lines)
        )


def tracking_page(order: SalesOrder, *, now: datetime) -> TrackingPage:
    lines = list(order.lines.select_related("product", "order").order_by("number"))
    history = _told_dates(lines)
    picked, questions = _picked(lines), _questions(lines, now)
    return TrackingPage(
        order=order,
        lines=[TrackedLine(line, history[line.pk], picked.get(line.pk, 0), questions[line.pk]) for line in lines],
        parcels=_parcels(order, lines),
    )


def _told_dates(lines: Sequence[OrderLine]) -> dict[int, list[DateTold]]:
    """What the customer heard by emails that left, oldest first; the same date told again is no new entry. Of several
    dates in one digest only the last was told."""
    history: dict[int, list[DateTold]] = defaultdict(list)
    promises = Promise.objects.filter(line__in=lines).exclude(message_key="").order_by("line_id", "pk")
    sendings = sendings_of(promise.message_key for promise in promises)
    last_of_email = {
        (promise.line_id, sending.carrier_id): (promise, sending.sent_at)
        for promise in promises
        if (sending := sendings.get(promise.message_key)) and sending.sent_at
    }
    for promise, sent_at in last_of_email.values():
        entry = DateTold(promise.promised_on, sent_at, promise.source == PromiseSource.STOCK)
        entries = history[promise.line_id]
        if not entries or (entries[-1].on, entries[-1].from_stock) != (entry.on, entry.from_stock):
            entries.append(entry)
    return history


def _questions(lines: Sequence[OrderLine], now: datetime) -> dict[int, list[Question]]:
    """What the customer may still answer, the first to end first."""
    questions: dict[int, list[Question]] = defaultdict(list)
    still_open = Question.objects.asking().filter(line__in=lines, deadline_at__gt=now)
    for question in still_open.select_related("substitute__substitute", "notice").order_by("deadline_at", "pk"):
        questions[question.line_id].append(question)
    return questions


def _picked(lines: Iterable[OrderLine]) -> dict[int, int]:
    picked: dict[int, int] = defaultdict(int)
    rows = Allocation.objects.active().filter(line__in=list(lines), shipment__isnull=False)
    for line_id, units in rows.values_list("line_id", "quantity"):
        picked[line_id] += units
    return picked


def _parcels(order: SalesOrder, lines: Sequence[OrderLine]) -> list[TrackedParcel]:
    articles = {line.pk: line for line in lines}
    contents: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    left = Allocation.objects.filter(line__in=lines, state=AllocationState.SHIPPED, shipment__isnull=False)
    for line_id, shipment_id, units in left.order_by("pk").values_list("line_id", "shipment_id", "quantity"):
        contents[shipment_id or 0][line_id] += units
    shipments = order.shipments.filter(status=ShipmentStatus.SHIPPED).order_by("shipped_at", "pk")
    return [
        TrackedParcel(
            number=shipment.number,
            shipped_at=shipment.shipped_at,
            carrier=shipment.carrier,
            tracking_number=shipment.tracking_number,
            contents=[
                (articles[pk].product.name, articles[pk].product.sku, units)
                for pk, units in contents[shipment.pk].items()
            ],
        )
        for shipment in shipments
        if shipment.shipped_at
    ]
