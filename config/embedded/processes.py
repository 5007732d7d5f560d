"""Child processes that cannot outlive their parent, and the reaping of those that did."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
SOCKET_PATH_LIMIT = 107
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(death_signal: int = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the signal when the thread that started the child ends, `kill -9` included."""
    parent = os.getpid()

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def end_with_parent() -> None:
    """This very process gets SIGTERM when its parent ends: `make`, for instance, by `kill -9`."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(frozen=True)
class Identity:
    """How PostgreSQL, which refuses root, is run: as we are, inside a user namespace, or as `nobody`."""

    prefix: tuple[str, ...] = ()
    uid: int = field(default_factory=os.geteuid)
    gid: int = field(default_factory=os.getegid)

    @property
    def options(self) -> dict[str, Any]:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def adopt(self, folder: Path) -> None:
        """Give the folder to the server's account: the data may have been written under another one."""
        if os.geteuid() != 0 or folder.stat().st_uid == self.uid:
            return
        os.chown(folder, self.uid, self.gid)
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(os.path.join(parent, name), self.uid, self.gid, follow_symlinks=False)

    def can_read(self, path: Path) -> bool:
        probe = subprocess.run(["test", "-r", str(path), "-a", "-x", str(path)], cwd="/", check=False, **self.options)
        return probe.returncode == 0


NAMESPACE_PREFIX = ("unshare", "-U", "--map-user=1000", "--map-group=1000", "--")


def choose_identity() -> Identity:
    if os.geteuid() != 0:
        return Identity()
    if shutil.which("unshare"):
        probe = subprocess.run([*NAMESPACE_PREFIX, "true"], capture_output=True, check=False)
        if probe.returncode == 0:
            return Identity(prefix=NAMESPACE_PREFIX)
    return nobody()


def nobody() -> Identity:
    account = pwd.getpwnam("nobody")
    return Identity(uid=account.pw_uid, gid=account.pw_gid)


def spawn(
    command: Sequence[str], *, log: Path, cwd: Path, death_signal: int, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a server in its own session (Ctrl-C must not reach it) that ends when this process does."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=die_with_parent(death_signal),  # noqa: PLW1509 - the caller has no second Python thread
            **options,
        )


def stop(process: subprocess.Popen[bytes], signals: Sequence[int], *, patience: float = 10) -> None:
    """Send one signal after the other until the child has ended."""
    for number in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def reap(pid_file: Path, *, folder: Path, signals: Sequence[int], patience: float = 10) -> bool:
    """End the server that an earlier launcher left behind; a process that only got the same number is left alone."""
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return False
    if pid <= 1 or not _works_in(pid, folder):
        return False
    for number in signals:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _works_in(pid, folder):
                return True
            time.sleep(0.02)
    return not _works_in(pid, folder)


def _works_in(pid: int, folder: Path) -> bool:
    """Our servers have their data folder as working directory; a zombie has none."""
    if _libc is not None:
        try:
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
        except OSError:
            return False
    listing = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(folder) in listing.stdout
