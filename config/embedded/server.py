"""What PostgreSQL and Redis have in common as embedded servers."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from config.embedded.processes import SOCKET_PATH_LIMIT, reap, spawn, stop
from config.lib.errors import EmbeddedError

Report = Callable[[str, float], None]
MINIMUM_FREE_BYTES = 200 * 1024 * 1024
LOG_BYTES_KEPT = 5_000_000
START_SECONDS = 30


class Server(ABC):
    """One server: its folders, its command line, and the questions `is it ready?` and `what is its URL?`."""

    name: ClassVar[str]
    longest_socket_name: ClassVar[str]
    death_signal: ClassVar[int] = signal.SIGTERM
    stop_signals: ClassVar[Sequence[int]] = (signal.SIGTERM, signal.SIGKILL)

    def __init__(self, base: Path, *, durable: bool) -> None:
        self.base = base
        self.durable = durable
        self.folder = base / self.name
        self.log = base / "log" / f"{self.name}.log"
        self.pid_file = base / "run" / f"{self.name}.pid"
        self.socket_folder_file = base / "run" / f"{self.name}.sockets"
        self.socket_folder = Path()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def title(self) -> str: ...

    @abstractmethod
    def prepare(self, report: Report) -> None: ...

    @abstractmethod
    def command(self) -> tuple[list[str], dict[str, object]]: ...

    @abstractmethod
    def is_ready(self) -> bool: ...

    @abstractmethod
    def urls(self) -> dict[str, str]: ...

    def finish(self, report: Report) -> None:  # noqa: B027 - most servers have nothing to add
        """What has to be done once the server answers."""

    def start(self, report: Report) -> None:
        try:
            self._start(report)
        except OSError as error:
            raise EmbeddedError(f"{self.title} could not be started: {error.strerror}: {error.filename}") from error

    def _start(self, report: Report) -> None:
        for folder in (self.folder.parent, self.log.parent, self.pid_file.parent):
            folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        if reap(self.pid_file, folder=self.folder, signals=self.stop_signals):
            report(f"{self.title} of an earlier run was still there and has been stopped", time.monotonic() - began)
        self._check_room()
        self.prepare(report)
        if self.socket_folder_file.exists():
            shutil.rmtree(self.socket_folder_file.read_text(), ignore_errors=True)
        self.socket_folder = self._private_folder()
        self.socket_folder_file.write_text(str(self.socket_folder))
        self.run(report)
        self.finish(report)

    def run(self, report: Report) -> None:
        """Start the process and wait until it answers."""
        began = time.monotonic()
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_KEPT:
            self.log.unlink()
        log_from = self.log.stat().st_size if self.log.exists() else 0
        command, options = self.command()
        self.process = spawn(command, log=self.log, cwd=self.folder, death_signal=self.death_signal, **options)
        self.pid_file.write_text(f"{self.process.pid}\n")
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > began + START_SECONDS:
                self.stop()
                raise EmbeddedError(self._explain(log_from))
            time.sleep(0.02)
        report(f"{self.title} started", time.monotonic() - began)

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, self.stop_signals)
            self.process = None
        self.pid_file.unlink(missing_ok=True)

    def clean(self) -> None:
        if self.socket_folder != Path():
            shutil.rmtree(self.socket_folder, ignore_errors=True)
            self.socket_folder_file.unlink(missing_ok=True)

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.base).free
        if free < MINIMUM_FREE_BYTES:
            raise EmbeddedError(
                f"{self.title} needs {MINIMUM_FREE_BYTES >> 20} MB of free disk, and the one that holds "
                f"{self.base} has {free >> 20} MB."
            )

    def _private_folder(self) -> Path:
        """A folder of mode 0700 whose socket paths stay under the kernel's limit, whatever TMPDIR is."""
        for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes it private
            if len(os.fsencode(parent)) + len("/bd-12345678") + len(self.longest_socket_name) <= SOCKET_PATH_LIMIT:
                return Path(tempfile.mkdtemp(prefix="bd-", dir=parent))
        raise EmbeddedError(f"The path of the temporary folder is too long for a socket: {tempfile.gettempdir()}")

    def _explain(self, log_from: int) -> str:
        with self.log.open("rb") as log:
            log.seek(log_from)
            lines = log.read().decode(errors="replace").strip().splitlines()
        if any("No space left on device" in line for line in lines):
            return f"{self.title} could not be started: the disk that holds {self.base} is full."
        telling = [line for line in lines if "FATAL" in line or "ERROR" in line] or lines[-1:]
        return f"{self.title} could not be started: {telling[0] if telling else 'no answer'} (log: {self.log})"
