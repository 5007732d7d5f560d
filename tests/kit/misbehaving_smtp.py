"""Mail servers as one meets them: busy, silent, dripping, refusing the login, or gone just before the answer.

    with misbehaving("drop_after_data") as server:
        settings.EMAIL_PORT = server.port

What a healthy server answers badly (450, 550, 552, 554 …) is `SmtpSink.rcpt_answer` and `.data_answer`.
"""

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Misbehaviour = Literal[
    "busy",  # 421 instead of a welcome
    "silent",  # takes the connection and never says a word
    "drip",  # one byte every tenth of a second, never a whole line
    "drip_after_data",  # the same in place of the final 250
    "drop_after_data",  # takes the whole email, closes the connection before the 250
    "closing_421",  # 421 at MAIL FROM, then closes
    "auth_fail",  # offers AUTH and refuses with 535
    "sender_refused",  # 550 at MAIL FROM
    "no_extensions",  # neither STARTTLS nor AUTH nor 8BITMIME; refuses bytes above 127
    "hang_on_goodbye",  # takes emails, never answers QUIT
]


class MisbehavingServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, misbehaviour: Misbehaviour) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.misbehaviour = misbehaviour
        self.taken: list[bytes] = []
        self.connections = 0
        self.stopped = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: MisbehavingServer

    def handle(self) -> None:
        self.server.connections += 1
        with suppress(OSError):  # the client had enough
            self._talk()

    def _talk(self) -> None:
        mode = self.server.misbehaviour
        if mode == "busy":
            self._say("421 4.3.2 Too busy")
            return
        if mode == "silent":
            self.server.stopped.wait()
            return
        if mode == "drip":
            self._drip()
            return
        self._say("220 misbehaving.example ESMTP")
        while line := self.rfile.readline():
            if not self._answer(line.strip().upper().decode("ascii", "replace"), mode):
                return

    def _answer(self, command: str, mode: Misbehaviour) -> bool:
        """False ends the conversation."""
        verb = command.partition(" ")[0]
        if verb == "EHLO":
            extensions = {"auth_fail": ["AUTH PLAIN LOGIN"], "no_extensions": []}.get(
                mode, ["8BITMIME", "SIZE 1000000"]
            )
            lines = ["misbehaving.example", *extensions]
            for number, text in enumerate(lines, start=1):
                self._say(f"250{'-' if number < len(lines) else ' '}{text}")
        elif verb == "AUTH":
            if command.endswith("LOGIN"):
                self._say(f"334 {base64.b64encode(b'Username:').decode()}")
                self.rfile.readline()
            self._say("535 5.7.8 Authentication credentials invalid")
        elif verb == "MAIL" and mode == "closing_421":
            self._say("421 4.7.0 Closing the connection")
            return False
        elif verb == "MAIL" and mode == "sender_refused":
            self._say("550 5.1.8 Bad sender address")
        elif verb == "DATA":
            self._say("354 Go ahead")
            return self._take_email(mode)
        elif verb == "QUIT":
            if mode == "hang_on_goodbye":
                self.server.stopped.wait()
            self._say("221 Bye")
            return False
        else:
            self._say("250 OK")
        return True

    def _take_email(self, mode: Misbehaviour) -> bool:
        raw = b""
        while (line := self.rfile.readline()) and line != b".\r\n":
            raw += line
        self.server.taken.append(raw)
        if mode == "drop_after_data":
            return False
        if mode == "drip_after_data":
            self._drip()
            return False
        if mode == "no_extensions" and any(byte > 127 for byte in raw):
            self._say("554 5.6.1 This server takes seven bits")
        else:
            self._say("250 Taken")
        return True

    def _drip(self) -> None:
        while not self.server.stopped.wait(0.1):
            self.wfile.write(b"2")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def misbehaving(misbehaviour: Misbehaviour) -> Iterator[MisbehavingServer]:
    server = MisbehavingServer(misbehaviour)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
