"""The language in which the other apps speak to notifications: one frozen dataclass per kind of email."""

from notifications.payloads.decisions import DelayNoticeGiven, QuestionAsked, Refunded, Statement
from notifications.payloads.orders import (
    CUSTOMER_PAYLOADS,
    BackorderOpened,
    Cancelled,
    DateChanged,
    Digest,
    DigestOrder,
    GoodsAllocated,
    MailLine,
    OrderMail,
    OrderReceived,
    PartlyShipped,
    Payload,
    ShipmentMail,
    Shipped,
    StaffAlert,
    TrackingLinkSent,
)
from notifications.payloads.purchases import (
    PurchaseMail,
    PurchaseMailLine,
    PurchaseOrderMail,
    PurchaseQuestion,
    PurchaseReminder,
    PurchaseReply,
)

SUPPLIER_PAYLOADS = (PurchaseOrderMail, PurchaseReminder, PurchaseQuestion, PurchaseReply)
DECISION_PAYLOADS = (QuestionAsked, Refunded, DelayNoticeGiven)
PAYLOADS: dict[str, type[Payload]] = CUSTOMER_PAYLOADS | {
    payload.kind: payload for payload in (*DECISION_PAYLOADS, *SUPPLIER_PAYLOADS)
}

# Kinds that confirm what the reader did, or say that goods left.
TRANSACTIONAL = sorted(kind for kind, payload in PAYLOADS.items() if payload.transactional)

__all__ = [
    "PAYLOADS",
    "TRANSACTIONAL",
    "BackorderOpened",
    "Cancelled",
    "DateChanged",
    "DelayNoticeGiven",
    "Digest",
    "DigestOrder",
    "GoodsAllocated",
    "MailLine",
    "OrderMail",
    "OrderReceived",
    "PartlyShipped",
    "Payload",
    "PurchaseMail",
    "PurchaseMailLine",
    "PurchaseOrderMail",
    "PurchaseQuestion",
    "PurchaseReminder",
    "PurchaseReply",
    "QuestionAsked",
    "Refunded",
    "ShipmentMail",
    "Shipped",
    "StaffAlert",
    "Statement",
    "TrackingLinkSent",
]
