from django.db.models import TextChoices


class BackorderPolicy(TextChoices):
    """What happens to an order for more than is there."""

    DENY = "deny", "Deny: refuse the order"
    ALLOW = "allow", "Allow: keep it open, tell dates only in the acknowledgement"
    NOTIFY = "notify", "Allow and notify: tell the customer about every change"


class StockKind(TextChoices):
    RECEIPT = "receipt", "Receipt"
    SHIPMENT = "shipment", "Shipment"
    ADJUSTMENT = "adjustment", "Adjustment"
    COUNT = "count", "Count"
    TRANSFER = "transfer", "Transfer"
    RETURN = "return", "Return"


class PurchaseOrderStatus(TextChoices):
    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    CONFIRMED = "confirmed", "Confirmed"
    PARTLY_RECEIVED = "partly_received", "Partly received"
    RECEIVED = "received", "Received"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


PURCHASE_ORDER_TRANSITIONS: dict[str, set[str]] = {
    PurchaseOrderStatus.DRAFT: {PurchaseOrderStatus.SENT, PurchaseOrderStatus.CANCELLED},
    PurchaseOrderStatus.SENT: {
        PurchaseOrderStatus.CONFIRMED,
        PurchaseOrderStatus.PARTLY_RECEIVED,
        PurchaseOrderStatus.RECEIVED,
        PurchaseOrderStatus.CLOSED,
        PurchaseOrderStatus.CANCELLED,
    },
    PurchaseOrderStatus.CONFIRMED: {
        PurchaseOrderStatus.PARTLY_RECEIVED,
        PurchaseOrderStatus.RECEIVED,
        PurchaseOrderStatus.CLOSED,
        PurchaseOrderStatus.CANCELLED,
    },
    PurchaseOrderStatus.PARTLY_RECEIVED: {PurchaseOrderStatus.RECEIVED, PurchaseOrderStatus.CLOSED},
    PurchaseOrderStatus.RECEIVED: {PurchaseOrderStatus.CLOSED},
    PurchaseOrderStatus.CLOSED: set(),
    PurchaseOrderStatus.CANCELLED: set(),
}

# Orders whose open lines count as incoming supply.
INBOUND_STATUSES = (
    PurchaseOrderStatus.SENT,
    PurchaseOrderStatus.CONFIRMED,
    PurchaseOrderStatus.PARTLY_RECEIVED,
)


class LeadTimeKind(TextChoices):
    """From which day a delivery's time is counted."""

    ORDER = "order", "From the order"
    WORD = "word", "From the first confirmed date"
