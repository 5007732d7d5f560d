"""A real SMTP server on the loopback interface that keeps what it gets, and misbehaves when told to."""

import email
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class ReceivedEmail:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""


@dataclass
class SmtpSink:
    """`rcpt_answer` and `data_answer` are what the server says instead of 250, for instance "451 4.3.0 Try later"."""

    received: list[ReceivedEmail] = field(default_factory=list)
    rcpt_answer: str = ""
    data_answer: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """What EMAIL_URL takes."""
        return f"smtp://{self.host}:{self.port}"

    def wait_for(self, count: int, *, to: str = "", seconds: float = 30) -> list[ReceivedEmail]:
        """The emails received so far, by this address if one is named, once there are at least `count`.

        AssertionError when they do not come.
        """

        def here() -> list[ReceivedEmail]:
            return [mail for mail in self.received if not to or to in mail.recipients]

        with self._arrived:
            came = self._arrived.wait_for(lambda: len(here()) >= count, timeout=seconds)
        assert came, f"{len(here())} of {count} emails came in {seconds} s: {[mail.subject for mail in self.received]}"
        return here()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_answer:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answer:
            return self.data_answer
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        with self._arrived:
            self.received.append(ReceivedEmail(str(envelope.mail_from), tuple(envelope.rcpt_tos), raw))
            self._arrived.notify_all()
        return "250 OK"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_sink() -> Iterator[SmtpSink]:
    sink = SmtpSink(port=free_port())
    controller = Controller(sink, hostname=sink.host, port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
