"""What a running desk writes to its logs when people come by secret addresses, and search for each other."""

import http.client
import socket
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from config.lib.tokens import LinkKind, token_of

RESET_KEY = "3k-d2x1qf-5f1c2a9e0b7d4c3f"
TOKENS = {kind: token_of(kind, UUID(int=4711)) for kind in LinkKind}


@pytest.fixture
def access_log(monkeypatch) -> None:
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--access-logfile=-")


def log_once_it_says(log: Path, *lines: str) -> str:
    """A line is written after the answer that it reports."""
    deadline = time.monotonic() + 10
    while missing := [line for line in lines if line not in log.read_text()]:
        assert time.monotonic() < deadline, missing
        time.sleep(0.05)
    return log.read_text()


def test_no_log_has_a_private_link_a_reset_key_or_a_search_term(access_log, running_desk):
    paths = [
        *(f"/{kind}/{token}/" for kind, token in TOKENS.items()),
        f"/accounts/password/reset/key/{RESET_KEY}/",
        "/backorders/?q=Annemarie%20Vogel&page=2",
        "/messages/?q=vogel@customer.example",
    ]
    for path in paths:
        with closing(http.client.HTTPConnection("127.0.0.1", running_desk.port)) as browser:
            browser.request("GET", path, headers={"Referer": f"{running_desk.url}/orders/?q=Annemarie"})
            browser.getresponse().read()
    with socket.create_connection(("127.0.0.1", running_desk.port)) as odd:
        odd.sendall(f"GET /t/{TOKENS[LinkKind.ORDER]}/?q=Annemarie HTTP/9.9\r\n\r\n".encode())
        odd.recv(100)

    written = log_once_it_says(
        running_desk.supervisor.log("web"),
        '"GET /t/[private link]/ HTTP/1.1" 404',
        '"request": "GET /s/[private link]/"',
        "GET /accounts/password/reset/key/[private link]/",
        '"GET /backorders/?[…] HTTP/1.1" 302',
        "Invalid request",
    )
    for secret in (*TOKENS.values(), RESET_KEY, "Annemarie", "vogel", "Vogel"):
        assert secret not in written
