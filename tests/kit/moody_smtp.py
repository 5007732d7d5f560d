"""A mail server that is mostly well and now and then is not: each moment's mood is drawn from a seeded hat.

It speaks just enough SMTP for one sender after another and keeps every email that it took, whether it said so or not.
"""

import random
import threading
from collections import Counter
from contextlib import AbstractContextManager, suppress
from email import message_from_bytes
from typing import NamedTuple

from tests.kit.strange_smtp import Speaker, StrangeServer, serving

# At what, how often, and what happens.
MOODS: dict[str, dict[str, float]] = {
    "welcome": {"421": 0.02, "silence": 0.01},
    "rcpt": {"451": 0.03, "450": 0.01},
    "data": {"452": 0.01, "drop_before_250": 0.01, "drip": 0.001},
}
GONE = "gone"  # addresses that begin so are refused for good


class Taken(NamedTuple):
    message_id: str
    raw: bytes


class MoodyServer(StrangeServer):
    def __init__(self, seed: int) -> None:
        super().__init__(_Conversation)
        self.taken: list[Taken] = []
        self.moods: Counter[str] = Counter()
        self._hat = random.Random(seed)
        self._lock = threading.Lock()

    def mood(self, moment: str) -> str:
        """Empty when all is well."""
        with self._lock:
            drawn = self._hat.random()
            for mood, share in MOODS[moment].items():
                drawn -= share
                if drawn < 0:
                    self.moods[mood] += 1
                    return mood
        return ""

    def take(self, raw: bytes) -> None:
        with self._lock:
            self.taken.append(Taken(str(message_from_bytes(raw)["Message-ID"]), raw))


class _Conversation(Speaker):
    server: MoodyServer

    def handle(self) -> None:
        with suppress(OSError):  # the sender was killed, or had enough
            self._talk()

    def _talk(self) -> None:
        mood = self.server.mood("welcome")
        if mood == "silence":
            self.connection.settimeout(60)
            self.rfile.read(1)
            return
        self.say("421 4.3.2 Too busy" if mood else "220 moody.example ESMTP")
        while not mood and (line := self.rfile.readline()):
            if not self._answer(line.strip().lower().decode("ascii", "replace")):
                return

    def _answer(self, command: str) -> bool:
        """False ends the conversation."""
        verb = command.partition(" ")[0]
        if verb == "rcpt":
            mood = "550" if f"<{GONE}" in command else self.server.mood("rcpt")
            self.say(f"{mood} 5.1.1 User unknown" if mood == "550" else f"{mood} 4.3.0 Later" if mood else "250 OK")
        elif verb == "data":
            self.say("354 Go ahead")
            return self._take_email()
        elif verb == "quit":
            self.say("221 Bye")
            return False
        else:
            self.say("250 OK")
        return True

    def _take_email(self) -> bool:
        raw = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            raw += line
        mood = self.server.mood("data")
        if mood == "452":
            self.say("452 4.3.1 Later")
            return True
        self.server.take(raw)
        if mood == "drop_before_250":
            return False
        if mood == "drip":
            self.drip()
        self.say("250 Taken")
        return True


def moody_server(seed: int) -> AbstractContextManager[MoodyServer]:
    return serving(MoodyServer(seed))
