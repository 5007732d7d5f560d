"""What the tests of the outbox share: a healthy mail server behind the settings, and a hand that queues."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.db import transaction

from backorders.oversight.queries.invariants import check_invariants
from notifications.models import Message
from notifications.services.outbox import Draft, queue_messages
from tests.factories.notifications import NOON, order_mail
from tests.kit.misbehaving_smtp import MisbehavingServer, Misbehaviour, misbehaving
from tests.kit.smtp_sink import SmtpSink


@pytest.fixture(autouse=True)
def database_stays_true(request: pytest.FixtureRequest) -> Iterator[None]:
    """In place of the suite's: these messages tell made-up facts, which I9 forbids. The other invariants hold."""
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    yield
    assert {name: count for name, count in check_invariants().violations.items() if count and name != "I9"} == {}


@pytest.fixture
def use_smtp(settings) -> Callable[[int], None]:
    """Point the desk at a mail server on this machine."""

    def use(port: int) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

    return use


@pytest.fixture
def mail_server(smtp_sink: SmtpSink, use_smtp: Callable[[int], None]) -> SmtpSink:
    use_smtp(smtp_sink.port)
    return smtp_sink


@pytest.fixture
def bad_server(use_smtp: Callable[[int], None]) -> Iterator[Callable[[Misbehaviour], MisbehavingServer]]:
    """`bad_server("silent")` starts such a server and points the desk at it."""
    running = []

    def start(misbehaviour: Misbehaviour) -> MisbehavingServer:
        context = misbehaving(misbehaviour)
        running.append(context)
        server = context.__enter__()
        use_smtp(server.port)
        return server

    yield start
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture
def queue() -> Callable[..., Message]:
    """Queue one order mail; keyword arguments replace what does not matter to the test."""

    def put(kind: str = "order_received", *, now: datetime = NOON, **values) -> Message:
        mail = values.pop("mail", None) or order_mail(kind)
        number = Message.objects.count() + 1
        arguments = {
            "recipient": f"buyer{number}@customer.example",
            "recipient_name": "Vogel & Söhne",
            "language": "en",
            "dedupe_key": f"fact:{number}",
            "aggregate": f"order:{number}",
            "cause": "a test",
        } | values
        with transaction.atomic():
            queue_messages([Draft(payload=mail, **arguments)], now=now)
        return Message.objects.get(dedupe_key=arguments["dedupe_key"])

    return put
