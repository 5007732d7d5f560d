"""Django's SMTP backend with one deadline over a whole exchange.

A socket timeout bounds one read, so a server that feeds a byte a second holds its sender for ever. Here the connection
keeps a duplicate of its socket; a timer that shuts it down ends whatever read, write or TLS handshake is going on.
"""

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Timer
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

CONNECT_SECONDS = 10


class _Lifeline(smtplib.SMTP):
    """An SMTP client that hands out a duplicate of its socket before it reads the first byte."""

    keep: Callable[[socket.socket], None]

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), min(timeout, CONNECT_SECONDS), self.source_address)
        connection.settimeout(timeout)
        self.keep(connection.dup())
        return connection


class _Keeping:
    """The constructor of an SMTP client already connects, so who keeps the socket must be known before."""

    def __init__(self, *args: Any, keep: Callable[[socket.socket], None], **options: Any) -> None:
        self.keep = keep
        super().__init__(*args, **options)


class _PlainClient(_Keeping, _Lifeline):
    pass


class _TLSClient(_Keeping, smtplib.SMTP_SSL, _Lifeline):
    pass


class DeadlineBackend(EmailBackend):
    """Use as `with backend.deadline(30): backend.open(); backend.send_messages(…)`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._partial_connection: smtplib.SMTP | None = None
        self._lifeline: socket.socket | None = None
        self._expired = False

    @property
    def connection_class(self) -> Callable[..., smtplib.SMTP]:  # type: ignore[override]
        return partial(_TLSClient if self.use_ssl else _PlainClient, keep=self._keep)

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Raises TimeoutError in place of whatever the cut connection caused."""
        self._expired = False
        timer = Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if self._expired:
                raise TimeoutError(f"The mail server did not finish within {seconds:g} seconds.") from error
            raise
        finally:
            timer.cancel()
            if self._expired:
                self.drop()

    def drop(self) -> None:
        """Forget the connection without a word to the server: after an error even QUIT may hang."""
        for connection in (self.connection, self._partial_connection):
            if connection is not None:
                connection.close()
        self.connection = self._partial_connection = None
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None

    def _keep(self, duplicate: socket.socket) -> None:
        if self._lifeline is not None:
            self._lifeline.close()
        self._lifeline = duplicate
        if self._expired:
            self._cut()

    def _cut(self) -> None:
        self._expired = True
        if self._lifeline is not None:
            with suppress(OSError):  # it may be closed in the same moment
                self._lifeline.shutdown(socket.SHUT_RDWR)
