"""What every payload has, and the emails to customers and to the staff.

A payload is a snapshot in plain values. It is stored as JSON with the outbox row, so that what the customer reads is
what was true when the fact happened, however late the email leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple, Self

PIECES = {"", "pc", "pcs", "piece", "pieces", "each", "ea", "unit"}


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """One order line as it stands *after* the fact.

    `quantity` is what this email reports: units shipped, set aside, cancelled or short just now. `promised_on` is the
    date we stand by, `promised_from` the early end when we can only name a range. `reason` is a code, `number` the
    line's place in its order.
    """

    sku: str
    name: str
    unit: str = ""
    quantity: int = 0
    ordered: int = 0
    allocated: int = 0
    shipped: int = 0
    cancelled: int = 0
    open: int = 0
    promised_on: date | None = None
    promised_from: date | None = None
    previous_promised_on: date | None = None
    reason: str = ""
    note: str = ""
    number: int = 0

    @property
    def waiting(self) -> int:
        """Open units that no goods are set aside for."""
        return max(self.open - self.allocated, 0)

    @property
    def measure(self) -> str:
        """What stands between number and name: "3 × Lamp", but "3 m Cable"."""
        return "×" if self.unit.lower() in PIECES else self.unit

    @property
    def has_range(self) -> bool:
        return bool(self.promised_on and self.promised_from and self.promised_from < self.promised_on)

    @property
    def moves_later(self) -> bool:
        return bool(
            self.previous_promised_on and (not self.promised_on or self.promised_on > self.previous_promised_on)
        )

    @property
    def moves_earlier(self) -> bool:
        """A first date after none is good news too."""
        return bool(
            self.promised_on and (not self.previous_promised_on or self.promised_on < self.previous_promised_on)
        )

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        days = {name: _day(context.get(name)) for name in ("promised_on", "promised_from", "previous_promised_on")}
        return cls(**{**context, **days})


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What every email has: a kind, which names its templates, and a label for the people at the desk.

    `legal`: the law asks for it, so no preference, cap or approval holds it back. `transactional`: it confirms an act
    of the reader or says that goods left; it is sent at once, and no preference or cap holds it back. `tells_a_fact`:
    an event or promise carries its key (invariant I9). `digestible`: several of one customer may leave as one email,
    and be asked for once a day or a week; the digest has words for the kind.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    legal: ClassVar[bool] = False
    tells_a_fact: ClassVar[bool] = True
    transactional: ClassVar[bool] = False
    digestible: ClassVar[bool] = False

    lines: tuple[MailLine, ...]

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        return cls(**{**context, "lines": tuple(MailLine.from_context(line) for line in context["lines"])})

    @classmethod
    def examples(cls) -> Sequence[Self]:
        """Emails of this kind on which a new text is tried before it is saved; none where it may leave anything out."""
        return ()

    def must_say(self) -> Mapping[str, str]:
        """The texts that have to stand in the email in both of its parts, whatever its wording, by name."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMail(Payload):
    """One email about one order. Pass every line of the order; `quantity` marks those that the email has news about.

    `customer_reference` is the customer's own number, `tracking_url` their page with us.
    """

    customer_name: str
    order_number: str
    customer_reference: str = ""
    ship_complete: bool = False
    tracking_url: str = ""
    note: str = ""

    @property
    def reported_lines(self) -> list[MailLine]:
        """Lines that this email has news about."""
        return [line for line in self.lines if line.quantity]

    @property
    def anything_shipped(self) -> bool:
        return any(line.shipped for line in self.lines)

    @property
    def allocated_lines(self) -> list[MailLine]:
        return [line for line in self.lines if line.allocated]

    @property
    def waiting_lines(self) -> list[MailLine]:
        return [line for line in self.lines if line.waiting]

    @property
    def open_lines(self) -> list[MailLine]:
        return [line for line in self.lines if line.open]

    @property
    def later_lines(self) -> list[MailLine]:
        return [line for line in self.reported_lines if line.moves_later]

    @property
    def earlier_lines(self) -> list[MailLine]:
        return [line for line in self.reported_lines if line.moves_earlier]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceived(OrderMail):
    """The acknowledgement: `allocated` units ship next, `waiting` ones wait until `promised_on`."""

    kind: ClassVar[str] = "order_received"
    label: ClassVar[str] = "Order received"
    transactional: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BackorderOpened(OrderMail):
    """Lines that were covered have lost their cover: `quantity` units of each now wait."""

    kind: ClassVar[str] = "backorder_opened"
    label: ClassVar[str] = "Delivery delayed"
    digestible: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DateChanged(OrderMail):
    """Promised dates moved, from `previous_promised_on` to `promised_on`; `quantity` units of each line wait."""

    kind: ClassVar[str] = "date_changed"
    label: ClassVar[str] = "Delivery date changed"
    digestible: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsAllocated(OrderMail):
    """Goods for waiting lines have arrived: `quantity` units of each are set aside now."""

    kind: ClassVar[str] = "goods_allocated"
    label: ClassVar[str] = "Items reserved"
    digestible: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentMail(OrderMail):
    """`quantity` units of each line are in this shipment."""

    shipment_number: str
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartlyShipped(ShipmentMail):
    """Part of the order left; `open` units of its lines are still to come."""

    kind: ClassVar[str] = "partly_shipped"
    label: ClassVar[str] = "Partly shipped"
    transactional: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped(ShipmentMail):
    """The last open units of the order left. `had_to_wait`: part was a backorder, so we thank for the patience."""

    had_to_wait: bool = False

    kind: ClassVar[str] = "shipped"
    label: ClassVar[str] = "Shipped"
    transactional: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(OrderMail):
    """`quantity` units of each line were cancelled; what is `open` stays as it was."""

    kind: ClassVar[str] = "cancelled"
    label: ClassVar[str] = "Cancelled"
    transactional: ClassVar[bool] = True


class DigestOrder(NamedTuple):
    """What a digest says of one order: its news in the order of the facts, and how it stands after the last of them."""

    news: list[OrderMail]

    @property
    def stand(self) -> OrderMail:
        return self.news[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Payload):
    """All that one customer is told at one time: the mails that would have left one by one."""

    kind: ClassVar[str] = "digest"
    label: ClassVar[str] = "Digest"
    tells_a_fact: ClassVar[bool] = False

    lines: tuple[MailLine, ...] = ()
    customer_name: str
    parts: tuple[OrderMail, ...]

    @property
    def orders(self) -> list[DigestOrder]:
        news: dict[str, list[OrderMail]] = {}
        for part in self.parts:
            news.setdefault(part.order_number, []).append(part)
        return [DigestOrder(of_order) for of_order in news.values()]

    @property
    def anything_late(self) -> bool:
        return any(part.kind == BackorderOpened.kind or part.later_lines for part in self.parts)

    def to_context(self) -> dict[str, Any]:
        parts = [{"kind": part.kind, **asdict(part)} for part in self.parts]
        return {"customer_name": self.customer_name, "parts": parts}

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        parts = []
        for values in context["parts"]:
            part = CUSTOMER_PAYLOADS[values["kind"]].from_context({k: v for k, v in values.items() if k != "kind"})
            assert isinstance(part, OrderMail)
            parts.append(part)
        return cls(customer_name=context["customer_name"], parts=tuple(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAlert(Payload):
    """Trouble that a person at the desk should know of, or a decision that the reader is `asked` for.

    `page` is the address where to look.
    """

    kind: ClassVar[str] = "staff_alert"
    label: ClassVar[str] = "Staff alert"
    tells_a_fact: ClassVar[bool] = False

    lines: tuple[MailLine, ...] = ()
    title: str
    details: tuple[str, ...] = ()
    page: str = ""
    asked: bool = False

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        return cls(
            title=context["title"],
            details=tuple(context["details"]),
            page=context["page"],
            asked=context.get("asked", False),  # rows of before 2026-11-22 do not say
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingLinkSent(OrderMail):
    """The customer asked for the link to their page again; `quantity` is what was ordered."""

    kind: ClassVar[str] = "tracking_link"
    label: ClassVar[str] = "Tracking link"
    transactional: ClassVar[bool] = True


CUSTOMER_PAYLOADS: dict[str, type[Payload]] = {
    payload.kind: payload
    for payload in (
        OrderReceived,
        BackorderOpened,
        DateChanged,
        GoodsAllocated,
        PartlyShipped,
        Shipped,
        Cancelled,
        TrackingLinkSent,
        Digest,
        StaffAlert,
    )
}
