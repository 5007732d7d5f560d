"""Outbox rows and payloads for tests."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import factory
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.functions import Now
from factory.django import DjangoModelFactory

from notifications.enums import UNSENT, MessageStatus
from notifications.models import Message, Suppression
from notifications.payloads import (
    PAYLOADS,
    Digest,
    MailLine,
    OrderMail,
    OrderReceived,
    Payload,
    PurchaseMail,
    PurchaseMailLine,
    ShipmentMail,
    StaffAlert,
)

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)

LAMP = MailLine(
    sku="LAMP-1",
    name="Desk lamp “Ada”",
    unit="pcs",
    quantity=3,
    ordered=5,
    allocated=2,
    open=5,
    promised_on=date(2026, 10, 3),
    previous_promised_on=date(2026, 9, 20),
    reason="delivery_delayed",
)
CABLE = MailLine(
    sku="CAB-9",
    name="Cable 3 × 1.5 mm²",
    unit="m",
    quantity=1200,
    ordered=1500,
    shipped=300,
    open=1200,
    note="We asked the maker.",
)


def some_mail(kind: str) -> Payload:
    """A payload of any kind."""
    if kind == Digest.kind:
        return Digest(customer_name="Vogel & Söhne", parts=(order_mail("goods_allocated"), order_mail("date_changed")))
    if kind == StaffAlert.kind:
        return StaffAlert(
            title="A run failed", details=("Run 12: no space left",), page="https://desk.example/runs/12/"
        )
    return purchase_mail(kind) if issubclass(PAYLOADS[kind], PurchaseMail) else order_mail(kind)


def order_mail(kind: str = "order_received", **values: Any) -> OrderMail:
    """A payload of that kind with two lines: one with a date, one without."""
    payload = PAYLOADS[kind]
    if issubclass(payload, ShipmentMail):
        values = {"shipment_number": "SH-77", "carrier": "Blue Vans", "tracking_number": "BV-0034-X"} | values
    defaults = {"customer_name": "Vogel & Söhne", "order_number": "SO-1042", "customer_reference": "PO 4711"}
    mail = payload(**{**defaults, "lines": (LAMP, CABLE), **values})
    assert isinstance(mail, OrderMail)
    return mail


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    kind = OrderReceived.kind
    recipient = factory.Sequence(lambda n: f"buyer{n}@customer.example")
    recipient_name = "Vogel & Söhne"
    language = "en"
    context = factory.LazyFunction(lambda: json.loads(DjangoJSONEncoder().encode(asdict(order_mail()))))
    dedupe_key = factory.Sequence(lambda n: f"test:{n}")
    message_id = factory.Sequence(lambda n: f"<{n:032x}@desk.example>")
    created_at = NOON
    status = MessageStatus.PENDING
    available_at = factory.LazyAttribute(lambda message: Now() if message.status in UNSENT else None)


class SuppressionFactory(DjangoModelFactory):
    class Meta:
        model = Suppression

    address = factory.Sequence(lambda n: f"gone{n}@customer.example")
    reason = "bounced"


def purchase_mail(kind: str = "purchase_order", **values: Any) -> PurchaseMail:
    """A payload to a supplier with the same two articles."""
    payload = PAYLOADS[kind]
    assert issubclass(payload, PurchaseMail)
    defaults: dict[str, Any] = {
        "supplier_name": "Nordwerk & Söhne",
        "order_number": "PO-512",
        "deliver_to": "Main warehouse",
        "answer_url": "https://desk.example/s/a-token/",
        "answer_until": "2026-10-16",
        "lines": tuple(
            PurchaseMailLine(
                sku=line.sku, name=line.name, unit=line.unit, quantity=line.quantity, promised_on=line.promised_on
            )
            for line in (LAMP, CABLE)
        ),
    }
    return payload(**{**defaults, **values})
