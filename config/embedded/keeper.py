"""The process that keeps one embedded server: `python -m config.embedded.keeper postgres .data/`.

It is the server's parent (so the server dies with it) and outlives whoever started it for as long as anybody uses the
server. Users hold a shared lock on `<server>.users`; the kernel takes it back when they end, however they end. Once the
keeper gets that lock for itself, nobody is left and it stops the server.
"""

import fcntl
import json
import os
import signal
import sys
import threading
from pathlib import Path

from config.embedded.postgres import Postgres
from config.embedded.redis import Redis
from config.embedded.server import Server
from config.lib.errors import EmbeddedError

SERVERS: dict[str, type[Server]] = {"postgres": Postgres, "redis": Redis}
SECONDS_BETWEEN_LOOKS = 0.5
MOST_RESTARTS = 5


def main() -> None:
    name, base, profile = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    run = base / "run"
    server = SERVERS[name](base, durable=profile == "durable")
    with (run / f"{name}.keeper").open("w") as own, (run / f"{name}.users").open("w") as users:
        fcntl.flock(own, fcntl.LOCK_EX)
        own.write(f"{os.getpid()}\n")
        own.flush()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            server.start(_tell)
        except EmbeddedError as error:
            server.stop()
            server.clean()
            _say({"error": str(error)})
            raise SystemExit(1) from None
        state = run / f"{name}.json"
        state.write_text(json.dumps(server.urls()))
        _say({"ready": server.urls()})
        _hang_up()
        _wait_until_unused(server, users.fileno())
        own.write("stopping\n")
        own.flush()
        state.unlink(missing_ok=True)
        server.stop()
        server.clean()


def _wait_until_unused(server: Server, users: int) -> None:
    """Sleep until the last user has gone or SIGTERM comes; start a server that crashed again."""
    unused = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: unused.set())

    def wait_for_the_last_user() -> None:
        fcntl.flock(users, fcntl.LOCK_EX)
        unused.set()

    threading.Thread(target=wait_for_the_last_user, daemon=True).start()
    restarts = 0
    while not unused.wait(SECONDS_BETWEEN_LOOKS):
        if server.process is not None and server.process.poll() is not None:
            restarts += 1
            if restarts > MOST_RESTARTS:
                return
            server.run(lambda *_: None)


def _tell(step: str, seconds: float) -> None:
    _say({"step": step, "seconds": round(seconds, 2)})


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _hang_up() -> None:
    """Whoever started the keeper reads its output to the end; from here on there is none."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
