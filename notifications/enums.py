"""The states of an outbox row and the one table that says which may follow which."""

from django.db import models


class MessageStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    SENDING = "sending", "Sending"
    RETRY = "retry", "Retrying"
    SENT = "sent", "Sent"
    DEAD = "dead", "Failed"
    SUPERSEDED = "superseded", "Replaced"
    HELD = "held", "Needs approval"
    REJECTED = "rejected", "Rejected"
    BUNDLED = "bundled", "In a digest"
    UNWANTED = "unwanted", "Unsubscribed"


class Stage(models.TextChoices):
    """Where a row for somebody with preferences stands before it may leave."""

    GATHERING = "gathering", "New"
    DEFERRED = "deferred", "Scheduled"
    SORTED = "sorted", "Ready"


class Frequency(models.TextChoices):
    AT_ONCE = "at_once", "Immediately"
    DAILY = "daily", "Once a day"
    WEEKLY = "weekly", "Once a week, on Mondays"


class BatchState(models.TextChoices):
    CLOSED = "closed", "Complete"
    WAITING = "waiting", "Needs approval"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class BounceKind(models.TextChoices):
    HARD = "hard", "Permanent failure"
    SOFT = "soft", "Temporary failure"
    COMPLAINT = "complaint", "Reported as spam"


# The database enforces this table, too (a trigger). A row that changes hands because its sender died stays SENDING;
# `SENT → PENDING` and `DEAD → PENDING` are a person's "send again".
MESSAGE_TRANSITIONS: dict[str, set[str]] = {
    MessageStatus.PENDING: {
        MessageStatus.SENDING,
        MessageStatus.SUPERSEDED,
        MessageStatus.HELD,
        MessageStatus.BUNDLED,
        MessageStatus.UNWANTED,
    },
    MessageStatus.SENDING: {MessageStatus.SENT, MessageStatus.RETRY, MessageStatus.DEAD},
    MessageStatus.RETRY: {MessageStatus.SENDING, MessageStatus.SUPERSEDED},
    MessageStatus.SENT: {MessageStatus.PENDING},
    MessageStatus.DEAD: {MessageStatus.PENDING},
    MessageStatus.SUPERSEDED: set(),
    MessageStatus.HELD: {MessageStatus.PENDING, MessageStatus.REJECTED},
    MessageStatus.REJECTED: set(),
    MessageStatus.BUNDLED: set(),
    MessageStatus.UNWANTED: set(),
}

# Rows that a sender still has to look at. Within one aggregate the oldest of them holds back the younger ones.
UNSENT = (MessageStatus.PENDING, MessageStatus.SENDING, MessageStatus.RETRY)

# Rows that nobody has got and that will not leave by themselves.
LOST = (MessageStatus.DEAD, MessageStatus.SUPERSEDED, MessageStatus.REJECTED, MessageStatus.UNWANTED)

# Rows that a person may send again.
RESENDABLE = (MessageStatus.SENT, MessageStatus.DEAD)

MAX_ATTEMPTS = 6
