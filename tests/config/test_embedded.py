"""The embedded servers as a newcomer meets them: real processes, in a folder of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from config.embedded import BASE_DIR, EmbeddedError, Membership
from config.embedded.postgres import Postgres
from config.embedded.processes import SOCKET_PATH_LIMIT, reap

# A user of the servers in a process of its own: joins, tells the URL and the server's process, leaves at end of input.
USER = """
import json, sys
from pathlib import Path
from config.embedded import Membership
base = Path(sys.argv[1])
member = Membership("postgres", base, durable=False, report=lambda *_: None)
pid = int((base / "run" / "postgres.pid").read_text())
told = {"url": member.urls["DATABASE_SUPERUSER_URL"], "pid": pid, "started": member.started_here}
print(json.dumps(told), flush=True)
sys.stdin.read()
member.leave()
"""


class User:
    def __init__(self, base: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(base)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=BASE_DIR,
        )
        told = json.loads(self.process.stdout.readline())
        self.url, self.server, self.started = told["url"], told["pid"], told["started"]

    def leave(self) -> None:
        self.process.communicate("")

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def base(tmp_path):
    return tmp_path / "data"


def is_gone(pid: int, *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def ask(url: str, question: str) -> tuple | None:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchone()


def test_two_users_share_one_server_and_the_last_one_out_stops_it(base):
    first = User(base)
    second = User(base)
    first.leave()

    assert (first.started, second.started) == (True, False)
    assert first.server == second.server
    assert ask(second.url, "SELECT 1") == (1,)

    second.leave()
    assert is_gone(second.server)


def test_a_second_start_finds_the_data_of_the_first(base):
    first = User(base)
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    first.leave()

    second = User(base)
    found = ask(second.url, "SELECT count(*) FROM kept")
    second.leave()

    assert found == (0,)


def test_nothing_keeps_running_when_the_launcher_is_killed(base):
    user = User(base)

    user.kill()

    assert is_gone(user.server)
    assert not list(base.glob("run/*.sockets"))


def test_the_server_dies_with_its_keeper_and_the_next_start_recovers(base):
    user = User(base)
    keeper = int((base / "run" / "postgres.keeper").read_text().split()[0])

    os.kill(keeper, signal.SIGKILL)
    gone = is_gone(user.server)
    user.kill()
    another = User(base)
    answer = ask(another.url, "SELECT 1")
    another.leave()

    assert (gone, another.started, answer) == (True, True, (1,))


def test_a_crashed_server_is_started_again_under_the_same_address(base):
    user = User(base)
    os.kill(user.server, signal.SIGKILL)
    assert is_gone(user.server)

    deadline = time.monotonic() + 60
    answer = None
    while answer is None and time.monotonic() < deadline:
        try:
            answer = ask(user.url, "SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.1)
    user.leave()

    assert answer == (1,)


def test_the_roles_are_as_narrow_as_they_should_be(base):
    member = Membership("postgres", base, durable=False, report=lambda *_: None)
    try:
        with psycopg.connect(member.urls["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute("CREATE TABLE ledger (id bigserial PRIMARY KEY)")
        with psycopg.connect(member.urls["DATABASE_URL"], autocommit=True) as app:
            app.execute("INSERT INTO ledger DEFAULT VALUES")
            for forbidden in (
                "TRUNCATE ledger",
                "CREATE TABLE mine (id int)",
                "ALTER TABLE ledger DISABLE TRIGGER ALL",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(forbidden)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("SET session_replication_role = replica")
            extensions = app.execute("SELECT extname FROM pg_extension ORDER BY 1").fetchall()
            listening = app.execute("SHOW listen_addresses").fetchone()
    finally:
        member.leave()

    assert [name for (name,) in extensions] == ["btree_gist", "citext", "pg_trgm", "plpgsql", "unaccent"]
    assert listening == ("",)


def test_sockets_are_private_and_their_paths_short_enough(base, monkeypatch, tmp_path):
    deep = tmp_path / ("long" * 30)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    server = Postgres(base, durable=False)

    folder = server._private_folder()

    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(str(folder / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT
    folder.rmdir()


def test_reaping_ends_what_was_left_behind_and_nothing_else(tmp_path):
    ours, other = tmp_path / "ours", tmp_path / "other"
    pid_file = tmp_path / "server.pid"
    for folder in (ours, other):
        folder.mkdir()
    left = subprocess.Popen(["sleep", "60"], cwd=ours)
    stranger = subprocess.Popen(["sleep", "60"], cwd=other)
    try:
        pid_file.write_text(f"{stranger.pid}\n")
        spared = reap(pid_file, folder=ours, signals=[signal.SIGTERM], patience=1)
        pid_file.write_text(f"{left.pid}\n")
        reaped = reap(pid_file, folder=ours, signals=[signal.SIGTERM], patience=5)

        assert (spared, stranger.poll(), reaped) == (False, None, True)
    finally:
        for process in (left, stranger):
            process.kill()
            process.wait()


def test_a_full_disk_is_told_in_one_line(base, monkeypatch):
    monkeypatch.setattr("config.embedded.server.MINIMUM_FREE_BYTES", 1 << 60)
    base.mkdir()

    with pytest.raises(EmbeddedError, match=r"PostgreSQL \d+ needs \d+ MB of free disk"):
        Postgres(base, durable=False).start(lambda *_: None)


def test_data_of_another_version_is_refused_in_one_line(base):
    (base / "postgres").mkdir(parents=True)
    (base / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(EmbeddedError, match="was written by PostgreSQL 9"):
        Postgres(base, durable=False).start(lambda *_: None)
