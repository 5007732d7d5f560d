"""Writing to the outbox, in the transaction of the fact: no email for a rolled-back one, none twice for one fact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models.functions import Now
from django.db.transaction import TransactionManagementError

from config.lib.text import clean_email, clean_line
from notifications.enums import MessageStatus, Stage
from notifications.errors import NothingToSendAgain, UnsafeMailInput
from notifications.models import Message
from notifications.payloads import PAYLOADS, Payload

BATCH = 500
LONGEST_LINE = 500
MULTI_LINE_FIELDS = {"note"}
LONGEST_NOTE = 4000
LONGEST_GATHERING = timedelta(minutes=15)  # for the messages of a batch that nobody closes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One email to queue: what it says, to whom, and the identity of the fact that it tells.

    `addressee` ("customer:12") names whose preferences, quiet hours (in `time_zone`) and digests apply. The messages of
    a `batch` ("run:12") wait for each other until `close_batch`. A legal one must have left by `deadline_at`.
    """

    payload: Payload
    recipient: str
    recipient_name: str
    language: str
    dedupe_key: str
    aggregate: str
    cause: str
    addressee: str = ""
    time_zone: str = ""
    batch: str = ""
    deadline_at: datetime | None = None
    is_test: bool = False


def queue_messages(drafts: Sequence[Draft], *, now: datetime) -> None:
    """Write the outbox rows in the caller's transaction; a repeated dedupe_key is ignored. All are checked first.

    Raises UnsafeMailInput for control characters, several addresses and the like, naming the field.
    """
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError("Queue a message in the transaction of the fact that it tells.")
    due_at = Now() if len(drafts) == 1 else _database_clock()  # as a value, rows go in as arrays: four times as fast
    rows = [_row(draft, now, due_at) for draft in drafts]
    Message.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


@transaction.atomic
def requeue_messages(*, message_ids: Iterable[int]) -> int:
    """Send again what was sent or given up: same content, same Message-ID (same fact), six new tries. Returns how many.

    Raises NothingToSendAgain when none of them is sent or given up.
    """
    chosen = list(Message.objects.filter(pk__in=list(message_ids)).resendable().locked().values_list("pk", flat=True))
    if not chosen:
        raise NothingToSendAgain("Only sent or failed messages can be sent again.")
    return Message.objects.filter(pk__in=chosen).update(
        status=MessageStatus.PENDING, attempts=0, available_at=Now(), sent_at=None
    )


def new_message_id() -> str:
    return f"<{uuid4().hex}@{sending_domain()}>"


def sending_domain() -> str:
    """The domain of our Message-IDs: that of the sender's address."""
    return _domain_of(settings.DEFAULT_FROM_EMAIL) or settings.SITE_HOST


@cache
def _domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _database_clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _row(draft: Draft, now: datetime, due_at: Any) -> Message:
    if PAYLOADS.get(draft.payload.kind) is not type(draft.payload):
        raise UnsafeMailInput("kind", f"{type(draft.payload).__name__} is not a kind of email.")
    context = asdict(draft.payload)
    _check_texts(context)
    return Message(
        kind=draft.payload.kind,
        context=context,
        recipient=_address(draft.recipient),
        recipient_name=_line("recipient_name", draft.recipient_name, longest=200),
        language=_key("language", draft.language, longest=10),
        dedupe_key=_key("dedupe_key", draft.dedupe_key, longest=200),
        aggregate=_key("aggregate", draft.aggregate, longest=100) if draft.aggregate else "",
        cause=_line("cause", draft.cause, longest=200),
        message_id=new_message_id(),
        addressee=_key("addressee", draft.addressee, longest=60) if draft.addressee else "",
        time_zone=draft.time_zone,
        batch=_key("batch", draft.batch, longest=100) if draft.batch else "",
        legal=draft.payload.legal,
        deadline_at=draft.deadline_at,
        is_test=draft.is_test,
        stage=Stage.GATHERING if draft.addressee else Stage.SORTED,
        available_at=due_at + LONGEST_GATHERING if draft.batch and not draft.payload.legal else due_at,
        created_at=now,
    )


def _check_texts(values: Mapping[str, Any]) -> None:
    """Every text of a payload is one line, except notes; names reach headers, and all of them reach the plain part."""
    for name, value in values.items():
        if name in MULTI_LINE_FIELDS and isinstance(value, str):
            _note(name, value)
        elif isinstance(value, str):
            _line(name, value, longest=LONGEST_LINE)
        elif isinstance(value, list | tuple):
            for entry in value:
                _check_texts(entry if isinstance(entry, dict) else {name: entry})


def _line(field: str, value: str, *, longest: int) -> str:
    try:
        line = clean_line(f"|{value}|")[1:-1].strip()  # guarded, so that a line break at either end is seen as well
    except ValidationError as error:
        raise UnsafeMailInput(field, error.messages[0]) from None
    if len(line) > longest:
        raise UnsafeMailInput(field, f"Must have at most {longest} characters.")
    return line


def _note(field: str, value: str) -> None:
    for line in value.replace("\r\n", "\n").split("\n"):
        _line(field, line, longest=LONGEST_NOTE)
    if len(value) > LONGEST_NOTE:
        raise UnsafeMailInput(field, f"Must have at most {LONGEST_NOTE} characters.")


def _address(value: str) -> str:
    """Exactly one address. Whether a server takes it, the server says: an odd address must not stop an order."""
    line = _line("recipient", value, longest=254)
    try:
        address = clean_email(line)
    except ValidationError as error:
        raise UnsafeMailInput("recipient", error.messages[0]) from None
    if not address:
        raise UnsafeMailInput("recipient", "Enter exactly one email address such as name@example.com.")
    return address


def _key(field: str, value: str, *, longest: int) -> str:
    if not value or len(value) > longest or not all("!" <= character <= "~" for character in value):
        raise UnsafeMailInput(field, f"Must be 1 to {longest} plain ASCII characters without spaces.")
    return value
