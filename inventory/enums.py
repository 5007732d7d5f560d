from django.db.models import TextChoices


class BackorderPolicy(TextChoices):
    """What happens to an order for more than is there."""

    DENY = "deny", "Deny: refuse orders that would wait"
    ALLOW = "allow", "Allow: email dates only in the order confirmation"
    NOTIFY = "notify", "Allow and notify: email every change of date"


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


class SupplierLanguage(TextChoices):
    """What we can write to a supplier in."""

    ENGLISH = "en", "English"
    GERMAN = "de", "German"


class LinkPurpose(TextChoices):
    """Why a supplier was given a link to an order."""

    ORDER = "order", "Order sent"
    REMINDER = "reminder", "Reminder"
    QUESTION = "question", "Question"
    REPLY = "reply", "Reply to an answer"
    RECEIPT = "receipt", "After an answer"


# A link with one of these asks for an answer; the others are for what may change later.
ASKING_PURPOSES = (LinkPurpose.ORDER, LinkPurpose.REMINDER, LinkPurpose.QUESTION)


class AnswerState(TextChoices):
    """What became of one line of a supplier's answer."""

    TAKEN = "taken", "Accepted automatically"
    OPEN = "proposed", "Proposed"
    ACCEPTED = "accepted", "Accepted"
    COUNTERED = "countered", "Countered"
    DECLINED = "declined", "Declined"
    REPLACED = "replaced", "Replaced by a newer answer"


ANSWER_TRANSITIONS: dict[str, set[str]] = {
    AnswerState.TAKEN: set(),
    AnswerState.OPEN: {AnswerState.ACCEPTED, AnswerState.COUNTERED, AnswerState.DECLINED, AnswerState.REPLACED},
    AnswerState.ACCEPTED: set(),
    AnswerState.COUNTERED: set(),
    AnswerState.DECLINED: set(),
    AnswerState.REPLACED: set(),
}
