"""Keeping the processes of a desk alive: start, restart what died, stop all. Knows nothing of Django."""

import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from config.embedded.processes import die_with_parent

RESTARTS_PER_MINUTE = 5
SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_TO_STOP = 15


@dataclass
class Child:
    name: str
    command: Sequence[str]
    inherited: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    restarts: deque[float] = field(default_factory=deque)


class Supervisor:
    """Children in sessions of their own, so that only this process hears Ctrl-C and decides the order of the end."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        say: Callable[[str], None],
        logs: Path,
        inherited: Mapping[str, Sequence[int]] = MappingProxyType({}),
    ) -> None:
        """`inherited` names the open files that a child gets beside the standard ones."""
        self.children = [Child(name, command, inherited.get(name, ())) for name, command in commands.items()]
        self.environment = environment
        self.cwd = cwd
        self.say = say
        self.logs = logs
        self.ending = threading.Event()

    def start(self, *names: str) -> None:
        """Those named, or all that do not run yet."""
        for child in self.children:
            if child.process is None and (not names or child.name in names):
                self._start(child)

    def watch(self) -> int:
        """Restart dead children until `ending` is set; 1 when a child dies too often, else 0."""
        while not self.ending.wait(SECONDS_BETWEEN_LOOKS):
            for child in self.children:
                if child.process is None or child.process.poll() is None:
                    continue
                if not self._may_restart(child):
                    self.say(f"{child.name} ended {RESTARTS_PER_MINUTE + 1} times in a minute: giving up.")
                    self.say(f"Why it did is in {self.log(child.name)}")
                    return 1
                self.say(f"{child.name} ended with {child.process.returncode}: restarting.")
                self._start(child)
        return 0

    def stop(self) -> None:
        """Ask all at once, wait for all, and end by force what has not ended in time."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            self.send(child.name, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_STOP
        for child in running:
            assert child.process is not None
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{child.name} did not stop in {SECONDS_TO_STOP} s: ended by force.")
                child.process.kill()
                child.process.wait()
            child.process = None

    def send(self, name: str, number: int) -> None:
        process = self.process(name)
        if process.poll() is None:
            process.send_signal(number)

    def process(self, name: str) -> subprocess.Popen[bytes]:
        process = next(child.process for child in self.children if child.name == name)
        assert process is not None
        return process

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _start(self, child: Child) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log(child.name).open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                env=dict(self.environment),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=child.inherited,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - started from the main thread
            )

    def _may_restart(self, child: Child) -> bool:
        now = time.monotonic()
        while child.restarts and child.restarts[0] < now - 60:
            child.restarts.popleft()
        child.restarts.append(now)
        return len(child.restarts) <= RESTARTS_PER_MINUTE
