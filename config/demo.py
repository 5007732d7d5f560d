"""What the demo (`make run`) runs with: like production, except that its secrets are made here. No Django here."""

import errno
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from config.lib.errors import EmbeddedError

# Created by `seed_demo`, printed by `demo`. They guard made-up data on this machine only.
DEMO_PASSWORD = "backorder-desk-demo"  # noqa: S105
DEMO_LOGINS: Mapping[str, str] = {
    "admin": "administrator",
    "planner": "planner",
    "approver": "approver",
    "desk": "order desk",
    "warehouse": "warehouse",
    "buyer": "buyer",
    "viewer": "viewer",
}

BACKLOG = 2048
NO_PORT = {errno.EADDRINUSE, errno.EACCES}  # taken, or kept for the superuser


def address() -> tuple[str, int]:
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise EmbeddedError(f"PORT must be a number from 1 to 65535, not {port!r}.")
    return host, int(port)


def site_url() -> str:
    host, port = address()
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{shown}:{port}"


def listen() -> socket.socket:
    """The socket that the desk is reached by, from its first second to its last."""
    host, port = address()
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno in NO_PORT:
            way_out = f"try another one with PORT={port + 1} make run"
        else:
            way_out = "HOST must be an address of this machine, such as 127.0.0.1"
        raise EmbeddedError(f"Port {port} on {host} cannot be used ({error.strerror}): {way_out}") from error
    return listener


def prepare_environment(data: Path) -> None:
    """Settings of the demo where the environment does not say otherwise; DEBUG is off, so pages are the real ones."""
    os.environ.setdefault("DEBUG", "false")
    os.environ.setdefault("SITE_URL", site_url())
    os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
    if not os.environ.get("SECRET_KEY"):
        os.environ["SECRET_KEY"] = _secret_key(data / "secret_key")


def _secret_key(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(60))
    return path.read_text().strip()
