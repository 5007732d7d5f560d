"""The page that answers until the desk is there: what is done, what is under way, what comes.

`python -m config.opening FD` serves it on that listening socket. The launcher tells it the steps on its standard input,
one a line, and ends it by closing that. Nothing of Django is loaded, so it answers from the first moment on.
"""

import contextlib
import http.server
import mimetypes
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from html import escape
from pathlib import Path
from string import Template
from types import TracebackType
from typing import NamedTuple

from config.embedded import BASE_DIR, say
from config.embedded.processes import die_with_parent

STATIC = BASE_DIR / "static"
PAGE = Template(Path(__file__).with_name("opening.html").read_text())
SECONDS_FOR_A_REQUEST = 5


class Step(NamedTuple):
    title: str
    told_as: str
    """How the line begins that says that it is done."""


STEPS = (
    Step("PostgreSQL and Redis start", r"(Redis|Valkey) \d+ started"),
    Step("The database gets its tables", "Migrations applied"),
    Step("The demo company is founded", "Company founded"),
    Step("Its history is entered", "History entered"),
    Step("Its working days are played", "Working days played"),
    Step("Its emails are delivered", "Emails delivered"),
    Step("The desk opens", "Backorder Desk is ready"),
)


class OpeningPage(contextlib.AbstractContextManager["OpeningPage"]):
    """The launcher's side: says each step to the terminal and to the page. Reading `gate` ends with `close()`."""

    def __init__(self, listener: socket.socket) -> None:
        self.gate, gate_keeper = os.pipe()
        self._until_closed = contextlib.ExitStack()
        self._until_closed.callback(os.close, gate_keeper)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.opening", str(listener.fileno())],
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            text=True,
            pass_fds=(listener.fileno(),),
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - started from the main thread
        )

    def say(self, line: str) -> None:
        say(line)
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(f"{line}\n")
                self._process.stdin.flush()

    def say_step(self, step: str, seconds: float) -> None:
        self.say(f"{step} in {seconds:.1f} s")

    def close(self) -> None:
        """From here on the web server answers."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()
        self._until_closed.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        os.close(self.gate)


class Progress:
    """How far the start has come, as the page shows it."""

    def __init__(self) -> None:
        self.began = self.last = time.monotonic()
        self.done = 0
        self.seconds: dict[int, float] = {}

    def hear(self, line: str) -> None:
        for number, step in enumerate(STEPS):
            if re.match(step.told_as, line):
                now = time.monotonic()
                self.done, self.seconds[number], self.last = number + 1, now - self.last, now

    def page(self) -> bytes:
        rows = "\n".join(self._row(number, step) for number, step in enumerate(STEPS))
        return PAGE.substitute(steps=rows, seconds=f"{time.monotonic() - self.began:.0f}").encode()

    def _row(self, number: int, step: Step) -> str:
        if number < self.done:
            duration = f"{self.seconds[number]:.1f} s" if number in self.seconds else "there already"
            state, icon = "done", "check-circle"
        elif number == self.done:
            state, icon, duration = "now", "circle-half", "under way"
        else:
            state, icon, duration = "next", "circle-dashed", ""
        symbol = f'<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#{icon}"></use></svg>'
        return f'        <li class="is-{state}">{symbol}{escape(step.title)}<span>{duration}</span></li>'


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = SECONDS_FOR_A_REQUEST
    progress: Progress

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        file = (BASE_DIR / path.lstrip("/")).resolve()
        if path.startswith("/static/") and file.is_relative_to(STATIC) and file.is_file():
            self.answer(http.HTTPStatus.OK, mimetypes.guess_type(file.name)[0] or "", file.read_bytes())
        else:
            self.answer(http.HTTPStatus.SERVICE_UNAVAILABLE, "text/html; charset=utf-8", self.progress.page())

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def answer(self, status: http.HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'")
        if status == http.HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", "1")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """The terminal is for the steps."""


class OpeningServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: int) -> None:
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=listener)

    def handle_error(self, *args: object) -> None:
        """Somebody went away in the middle of an answer."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Handler.progress = Progress()
    server = OpeningServer(int(sys.argv[1]))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    for line in sys.stdin:
        Handler.progress.hear(line)
    server.shutdown()


if __name__ == "__main__":
    main()
