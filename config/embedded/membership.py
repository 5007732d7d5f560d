"""Using an embedded server together with other processes: join (start it if needed), leave (the last one stops it)."""

import contextlib
import fcntl
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from config.embedded.server import Report
from config.lib.errors import EmbeddedError

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STOPPING_SHOWS_WITHIN = 0.3
STOP_SECONDS = 25


class Membership:
    """The shared lock that keeps a server running. Ending this process, even by `kill -9`, gives it back."""

    def __init__(self, name: str, base: Path, *, durable: bool, report: Report) -> None:
        self.name = name
        self.run = base / "run"
        self.run.mkdir(parents=True, exist_ok=True)
        with (self.run / f"{name}.start").open("w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            self._users: IO[str] = (self.run / f"{name}.users").open("a")
            try:
                fcntl.flock(self._users, fcntl.LOCK_SH)
                if self._keeper_is_there():
                    self.started_here = False
                    self.urls: dict[str, str] = json.loads((self.run / f"{name}.json").read_text())
                else:
                    self.started_here = True
                    self.urls = _start_keeper(name, base, durable=durable, report=report)
            except BaseException:
                self._users.close()
                raise

    def leave(self) -> bool:
        """True when this was the last user and the server has been stopped."""
        self._users.close()
        began = time.monotonic()
        while time.monotonic() < began + STOP_SECONDS:
            if not self._keeper_is_there():
                return True
            if time.monotonic() > began + STOPPING_SHOWS_WITHIN and not self._keeper_is_stopping():
                return False
            time.sleep(0.01)
        return False

    def _keeper_is_there(self) -> bool:
        with (self.run / f"{self.name}.keeper").open("a") as keeper:
            try:
                fcntl.flock(keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _keeper_is_stopping(self) -> bool:
        return "stopping" in (self.run / f"{self.name}.keeper").read_text()


def _start_keeper(name: str, base: Path, *, durable: bool, report: Report) -> dict[str, str]:
    log_folder = base / "log"
    log_folder.mkdir(exist_ok=True)
    with (log_folder / f"{name}.keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "config.embedded.keeper", name, str(base), "durable" if durable else "fast"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=BASE_DIR,
            start_new_session=True,
        )
    assert keeper.stdout is not None
    with contextlib.closing(keeper.stdout) as answers:
        for line in answers:
            message = json.loads(line)
            if "ready" in message:
                _forget(keeper)
                return dict(message["ready"])
            if "error" in message:
                keeper.wait()
                raise EmbeddedError(message["error"])
            report(message["step"], message["seconds"])
    keeper.wait()
    raise EmbeddedError(f"{name} could not be started; see {log_folder / f'{name}.keeper.log'}.")


def _forget(keeper: subprocess.Popen[str]) -> None:
    """The keeper outlives this process on purpose: no ResourceWarning about a child that still runs."""
    keeper.returncode = 0
