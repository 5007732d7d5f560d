"""Mail servers as one meets them: busy, silent, dripping, refusing the login, or gone just before the answer.

    with misbehaving("drop_after_data") as server:
        settings.EMAIL_PORT = server.port

What a healthy server answers badly (450, 550, 552, 554 …) is `SmtpSink.rcpt_answer` and `.data_answer`.
"""

import base64
from contextlib import AbstractContextManager, suppress
from typing import Literal

from tests.kit.strange_smtp import Speaker, StrangeServer, serving

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


class MisbehavingServer(StrangeServer):
    def __init__(self, misbehaviour: Misbehaviour) -> None:
        super().__init__(_Conversation)
        self.misbehaviour = misbehaviour
        self.taken: list[bytes] = []
        self.connections = 0


class _Conversation(Speaker):
    server: MisbehavingServer

    def handle(self) -> None:
        self.server.connections += 1
        with suppress(OSError):  # the client had enough
            self._talk()

    def _talk(self) -> None:
        mode = self.server.misbehaviour
        if mode == "busy":
            self.say("421 4.3.2 Too busy")
            return
        if mode == "silent":
            self.server.stopped.wait()
            return
        if mode == "drip":
            self.drip()
            return
        self.say("220 misbehaving.example ESMTP")
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
                self.say(f"250{'-' if number < len(lines) else ' '}{text}")
        elif verb == "AUTH":
            if command.endswith("LOGIN"):
                self.say(f"334 {base64.b64encode(b'Username:').decode()}")
                self.rfile.readline()
            self.say("535 5.7.8 Authentication credentials invalid")
        elif verb == "MAIL" and mode == "closing_421":
            self.say("421 4.7.0 Closing the connection")
            return False
        elif verb == "MAIL" and mode == "sender_refused":
            self.say("550 5.1.8 Bad sender address")
        elif verb == "DATA":
            self.say("354 Go ahead")
            return self._take_email(mode)
        elif verb == "QUIT":
            if mode == "hang_on_goodbye":
                self.server.stopped.wait()
            self.say("221 Bye")
            return False
        else:
            self.say("250 OK")
        return True

    def _take_email(self, mode: Misbehaviour) -> bool:
        raw = b""
        while (line := self.rfile.readline()) and line != b".\r\n":
            raw += line.removeprefix(b".")  # doubled on the wire, since a dot alone ends the email
        self.server.taken.append(raw)
        if mode == "drop_after_data":
            return False
        if mode == "drip_after_data":
            self.drip()
            return False
        if mode == "no_extensions" and any(byte > 127 for byte in raw):
            self.say("554 5.6.1 This server takes seven bits")
        else:
            self.say("250 Taken")
        return True


def misbehaving(misbehaviour: Misbehaviour) -> AbstractContextManager[MisbehavingServer]:
    return serving(MisbehavingServer(misbehaviour))
