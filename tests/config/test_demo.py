"""`make run` from an empty folder: real processes from the first start to `kill -9`."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from config.desk import is_ready
from config.embedded import BASE_DIR
from tests.kit.smtp_sink import free_port


class Demo:
    def __init__(self, data: Path, port: int) -> None:
        self.port = port
        self.told = data / f"told-{time.monotonic_ns()}.txt"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {"DATA_DIR": str(data), "PORT": str(port)}
        with self.told.open("w") as told:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.launch"], cwd=BASE_DIR, env=self.environment, stderr=told
            )

    def hears(self, sentence: str, *, seconds: float = 300) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if re.search(sentence, self.told.read_text()):
                return True
            time.sleep(0.1)
        return bool(re.search(sentence, self.told.read_text()))

    def family(self) -> set[int]:
        """The demo's children and theirs, and the keepers with their servers."""
        listing = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = {int(pid): int(parent) for pid, parent in map(str.split, listing.splitlines())}
        keepers = {int(path.read_text().split()[0]) for path in self.told.parent.glob("run/*.keeper")}
        members = {self.process.pid} | keepers
        while more := {pid for pid, parent in parents.items() if parent in members} - members:
            members |= more
        return members - {self.process.pid}

    def child(self, words: str) -> int:
        listing = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        ).stdout
        return next(int(line.split()[0]) for line in listing.splitlines() if words in line)


def still_there(pids: set[int], *, seconds: float) -> list[str]:
    """What runs after so many seconds (a zombie does not run, it waits for its parent to look)."""
    deadline = time.monotonic() + seconds
    running = ["unknown"]
    while running and time.monotonic() < deadline:
        listing = subprocess.run(
            ["ps", "-o", "pid=,stat=,args=", "-p", ",".join(map(str, pids))],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        running = [line for line in listing.splitlines() if not line.split()[1].startswith("Z")]
        time.sleep(0.1)
    return running


def page_at(port: int) -> str:
    """What a browser shows that asks for the desk, whatever the status."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode()


@pytest.fixture
def data(tmp_path):
    (tmp_path / "demo-data-written").touch()
    return tmp_path


def test_the_demo_starts_from_nothing_heals_itself_and_leaves_nothing_behind(data):
    port = free_port()
    demo = Demo(data, port)
    try:
        assert demo.hears("PostgreSQL .* cluster created"), demo.told.read_text()
        assert "Your desk is starting" in page_at(port)
        assert not is_ready("127.0.0.1", port)
        assert demo.hears("Backorder Desk is ready after"), demo.told.read_text()
        assert is_ready("127.0.0.1", port)
        assert "Sign in" in page_at(port)
        told = demo.told.read_text().replace("Valkey", "Redis")
        steps = [line.split(" in ")[0] for line in told.splitlines() if re.search(r" in [\d.]+ s$", line)]
        assert [re.sub(r" \d+", "", step) for step in steps] == [
            "PostgreSQL cluster created",
            "PostgreSQL started",
            "Redis started",
            "Migrations applied",
            "Web server, worker and beat started",
        ]

        for command in (["migrate", "--check"], ["check"]):  # neither migrates: nothing is said of it
            beside = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=BASE_DIR,
                env=demo.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert (beside.returncode, beside.stderr) == (0, "")

        os.kill(demo.child("gunicorn"), signal.SIGKILL)
        assert demo.hears("web ended with -9: restarting", seconds=60)
        deadline = time.monotonic() + 120
        while not is_ready("127.0.0.1", port):
            assert time.monotonic() < deadline
            time.sleep(0.1)

        family = demo.family()
        demo.process.send_signal(signal.SIGTERM)
        assert demo.process.wait(60) == 0
        assert still_there(family, seconds=10) == []
    finally:
        demo.process.kill()
        demo.process.wait()

    again = Demo(data, port)
    try:
        assert again.hears("Backorder Desk is ready after"), again.told.read_text()
        assert "cluster created" not in again.told.read_text()
        assert "Migrations applied" not in again.told.read_text()
        family = again.family()
    finally:
        again.process.kill()
        again.process.wait()

    assert len(family) >= 7
    assert still_there(family, seconds=60) == []
