"""A whole desk (web, worker, beat) for the fault runs: with a Redis of its own that can be hurt, and a visitor."""

import contextlib
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path

import psycopg
from django.contrib.auth.models import User

from config.desk import desk_commands, is_ready
from config.embedded import BASE_DIR
from config.embedded.redis import find_server
from config.supervisor import Supervisor
from tests.kit.databases import CloneUrls
from tests.kit.smtp_sink import free_port
from tests.reliability.scratch import as_owner, environment_of
from tests.reliability.world import build

NAME, PASSWORD = "hannah", "a-long-enough-word"
# Beat hints every second, at the work that the faults are about.
EVERY_SECOND = (
    "INSERT INTO django_celery_beat_intervalschedule (every, period) VALUES (1, 'seconds')",
    """UPDATE django_celery_beat_periodictask SET
    interval_id = (SELECT max(id) FROM django_celery_beat_intervalschedule), expire_seconds = 10,
    enabled = task IN ('backorders.continue_runs', 'notifications.deliver_messages', 'backorders.serve_free_stock')""",
)


def fill(*, products: int = 4, stock: int = 1000) -> None:
    """In an actor: a small trade, and a person who may do everything."""
    build(products=products, stock=stock)
    User.objects.create_superuser(NAME, f"{NAME}@example.com", PASSWORD)


@dataclass
class Desk:
    port: int
    clone: CloneUrls
    supervisor: Supervisor
    ended: list[str] = field(default_factory=list)  # what the supervisor said

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pid(self, name: str) -> int:
        return self.supervisor.process(name).pid

    def value(self, query: str, *parameters: object) -> int:
        with psycopg.connect(self.clone.url, autocommit=True) as connection:
            row = connection.execute(query, parameters).fetchone()
        assert row
        return int(row[0])

    def log(self) -> str:
        logs = {child.name: self.supervisor.log(child.name) for child in self.supervisor.children}
        return "\n".join(f"{name}: {log.read_text()[-4000:]}" for name, log in logs.items())


@contextlib.contextmanager
def desk(
    clone: CloneUrls,
    *,
    redis_url: str,
    email_url: str,
    names: Sequence[str] = ("web", "worker", "beat"),
    app: str = "config.celery",
    schedule: Sequence[str] = EVERY_SECOND,
    **extra: str,
) -> Iterator[Desk]:
    """A desk under a supervisor that starts anew what dies, as in production."""
    as_owner(clone, *schedule)
    port = free_port()
    environment = environment_of(
        clone,
        REDIS_URL=redis_url,
        EMAIL_URL=email_url,
        DJANGO_SETTINGS_MODULE="config.settings",
        SITE_URL=f"http://127.0.0.1:{port}",
        LOG_LEVEL="INFO",
        **extra,
    )
    commands = {
        name: [app if word == "config.celery" else word for word in command]
        for name, command in desk_commands(host="127.0.0.1", port=port, web_workers=1).items()
    }
    with tempfile.TemporaryDirectory(prefix="desk-") as logs:
        told: list[str] = []
        chosen = {name: commands[name] for name in names}
        supervisor = Supervisor(chosen, environment=environment, cwd=BASE_DIR, say=told.append, logs=Path(logs))
        at = Desk(port, clone, supervisor, told)
        supervisor.start()
        watcher = threading.Thread(target=supervisor.watch, daemon=True)
        watcher.start()
        try:
            if "web" in names:
                until(lambda: is_ready("127.0.0.1", port), seconds=60)
            yield at
        except Exception as error:
            error.add_note(at.log())
            raise
        finally:
            supervisor.ending.set()
            watcher.join()
            supervisor.stop()


def until(condition: Callable[[], object], *, seconds: float) -> float:
    """How long it took; a TimeoutError when it never came true."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return round(time.monotonic() - began, 2)
        time.sleep(0.05)
    raise TimeoutError(f"It did not come true in {seconds} s.")


class OwnRedis:
    """A Redis server of one run, on a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        words = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        words += ["--maxmemory-policy", "noeviction", "--dir", str(self.socket.parent)]
        self.process = subprocess.Popen([find_server(), *words], stdout=subprocess.DEVNULL)
        until(lambda: self.tell("PING") == "+PONG", seconds=10)

    def kill(self) -> None:
        """Without a word, and with all that it kept."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def signal(self, number: int) -> None:
        assert self.process
        os.kill(self.process.pid, number)

    def tell(self, command: str) -> str:
        """The first line of its answer; blank when it does not answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(4096).decode().partition("\r\n")[0]
            except OSError:
                return ""


@contextlib.contextmanager
def own_redis() -> Iterator[OwnRedis]:
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        redis = OwnRedis(Path(folder))
        redis.start()
        try:
            yield redis
        finally:
            redis.kill()


class Visitor:
    """Somebody at a browser without JavaScript: pages, forms with their token, and how long each answer took."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.slowest = 0.0

    def get(self, path: str, *, seconds: float = 30, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        return self._ask(urllib.request.Request(self.url + path, headers=dict(headers or {})), seconds)

    def post(self, path: str, form: Mapping[str, str], *, at: str = "", seconds: float = 30) -> tuple[int, str]:
        """Fill in the form of the page `at` (the same path) and send it."""
        _, page = self.get(at or path, seconds=seconds)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        body = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token[1] if token else ""}).encode()
        return self._ask(urllib.request.Request(self.url + path, data=body), seconds)

    def sign_in(self) -> bool:
        return self.post("/accounts/login/", {"login": NAME, "password": PASSWORD})[0] == 200 and self.is_signed_in()

    def is_signed_in(self) -> bool:
        status, page = self.get("/runs/")
        return status == 200 and "/accounts/logout/" in page

    def order(self, key: str, *, product: str = "LOAD-0", units: int = 1) -> int:
        """Place an order at the desk; the form's key makes it one order, however often it is sent."""
        form = {"key": key, "customer": "L0", "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}
        form |= {"lines-0-product": product, "lines-0-quantity": str(units)}
        return self.post("/orders/new/", form)[0]

    def _ask(self, request: urllib.request.Request, seconds: float) -> tuple[int, str]:
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=seconds) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except OSError as error:
            return 0, str(error)
        finally:
            self.slowest = max(self.slowest, round(time.monotonic() - began, 2))
