"""The states of an outbox row and the one table that says which may follow which."""

from django.db import models


class MessageStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    SENDING = "sending", "Being sent"
    RETRY = "retry", "Will be retried"
    SENT = "sent", "Sent"
    DEAD = "dead", "Given up"
    SUPERSEDED = "superseded", "Superseded"


# The database enforces this table, too (a trigger). A row that changes hands because its sender died stays SENDING;
# `SENT → PENDING` and `DEAD → PENDING` are a person's "send again".
MESSAGE_TRANSITIONS: dict[str, set[str]] = {
    MessageStatus.PENDING: {MessageStatus.SENDING, MessageStatus.SUPERSEDED},
    MessageStatus.SENDING: {MessageStatus.SENT, MessageStatus.RETRY, MessageStatus.DEAD},
    MessageStatus.RETRY: {MessageStatus.SENDING, MessageStatus.SUPERSEDED},
    MessageStatus.SENT: {MessageStatus.PENDING},
    MessageStatus.DEAD: {MessageStatus.PENDING},
    MessageStatus.SUPERSEDED: set(),
}

# Rows that a sender still has to look at. Within one aggregate the oldest of them holds back the younger ones.
UNSENT = (MessageStatus.PENDING, MessageStatus.SENDING, MessageStatus.RETRY)

# Rows that a person may send again.
RESENDABLE = (MessageStatus.SENT, MessageStatus.DEAD)

MAX_ATTEMPTS = 6
