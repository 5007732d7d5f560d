"""The language in which the other apps speak to notifications: one frozen dataclass per kind of email."""

from notifications.payloads.orders import (
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

PAYLOADS: dict[str, type[Payload]] = {
    payload.kind: payload
    for payload in (
        *(OrderReceived, BackorderOpened, DateChanged, GoodsAllocated, PartlyShipped, Shipped, Cancelled),
        *(TrackingLinkSent, Digest, StaffAlert),
        *(PurchaseOrderMail, PurchaseReminder, PurchaseQuestion, PurchaseReply),
    )
}

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
