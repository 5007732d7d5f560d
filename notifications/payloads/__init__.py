"""The language in which the other apps speak to notifications: one frozen dataclass per kind of email."""

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
    Reason,
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
PAYLOADS: dict[str, type[Payload]] = CUSTOMER_PAYLOADS | {payload.kind: payload for payload in SUPPLIER_PAYLOADS}

__all__ = [
    "PAYLOADS",
    "BackorderOpened",
    "Cancelled",
    "DateChanged",
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
    "Reason",
    "ShipmentMail",
    "Shipped",
    "StaffAlert",
    "TrackingLinkSent",
]
