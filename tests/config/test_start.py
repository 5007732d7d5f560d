"""What the person at the terminal reads when something is wrong at the start; settings that refuse to be unsafe."""

import os
import secrets
import socket
import subprocess
import sys

import pytest

from config.embedded import BASE_DIR
from tests.kit.smtp_sink import free_port

PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "desk.example.com",
    "SITE_URL": "https://desk.example.com",
    "DATABASE_URL": "postgresql://backorder_app@db.example.com/backorder_desk",
    "REDIS_URL": "redis://redis.example.com/0",
    "EMAIL_URL": "smtp+tls://desk:secret@smtp.example.com:587",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", *arguments, **environment)


def launch(**environment: str) -> subprocess.CompletedProcess[str]:
    """What `make run` starts."""
    return run("-m", "config.launch", **environment)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_check_deploy_has_nothing_to_say_about_production():
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert (checked.returncode, checked.stdout.strip()) == (0, "System check identified no issues (0 silenced).")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set to at least 50 random characters"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY must be set to at least 50 random characters"),
        ({"SECRET_KEY": "development-only" + "x1y2z3" * 10}, "SECRET_KEY must be set to at least 50 random characters"),
        ({"SECRET_KEY": "django-insecure-" + "x1y2z3" * 10}, "SECRET_KEY must be set to at least 50 random characters"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must list the exact host names (no * and no leading dot)"),
        ({"ALLOWED_HOSTS": ".example.com"}, "ALLOWED_HOSTS must list the exact host names (no * and no leading dot)"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must list the exact host names (no * and no leading dot)"),
        ({"SITE_URL": "http://desk.example.com"}, "SITE_URL must start with https:// on any machine but this one"),
        ({"DATABASE_URL": ""}, "DATABASE_URL must name the PostgreSQL database"),
        ({"REDIS_URL": ""}, "REDIS_URL must name the Redis server"),
        ({"EMAIL_URL": ""}, "EMAIL_URL must name the mail server"),
        ({"DEBUG": "true"}, "DEBUG is for this machine only"),
    ],
)
def test_an_unsafe_production_does_not_start(change, told):
    refused = manage("check", **(PRODUCTION | change))

    assert refused.returncode == 1
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_unreachable_database_is_one_line():
    unreachable = PRODUCTION | {"DATABASE_URL": "postgresql://app:hidden@127.0.0.1:1/desk"}

    refused = manage("migrate", **unreachable)

    assert refused.returncode == 1
    assert refused.stderr.startswith("The database desk at 127.0.0.1:1 cannot be reached (DATABASE_URL): ")
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "hidden" not in refused.stderr


def test_a_busy_port_is_one_line():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        refused = launch(PORT=str(port))

    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"Port {port} on 127.0.0.1 cannot be used (Address already in use): "
        f"try another one with PORT={port + 1} make run"
    )


def test_a_host_that_is_not_this_machine_is_one_line():
    refused = launch(HOST="192.0.2.1", PORT="8099")

    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        "Port 8099 on 192.0.2.1 cannot be used (Cannot assign requested address): "
        "HOST must be an address of this machine, such as 127.0.0.1"
    )


@pytest.mark.parametrize("arguments", [("-m", "config.launch"), ("manage.py", "demo"), ("manage.py", "check")])
def test_a_folder_that_cannot_be_written_is_one_line(arguments, tmp_path):
    """As for a full disk, which is seen by the same probe."""
    in_the_way = tmp_path / "file"
    in_the_way.touch()

    refused = run(*arguments, DATA_DIR=str(in_the_way), PORT=str(free_port()))

    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"Nothing can be written in {in_the_way} (File exists): make room there, or name another folder by DATA_DIR."
    )
