"""What `make run` runs: a whole desk on this machine, from an empty folder to demo data, until Ctrl-C.

Nothing of Django is loaded here, so a page that shows the start answers at once (config/opening.py). While one process
migrates and plays the story, the web server loads beside it and waits. Both use the socket that is opened here.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from config.demo import DEMO_LOGINS, DEMO_PASSWORD, address, listen, prepare_environment, site_url
from config.desk import desk_commands, is_ready
from config.embedded import BASE_DIR, DATA_DIR, is_migrated, note_migrated, say, say_step, start_services
from config.embedded.processes import die_with_parent, end_with_parent
from config.lib.errors import EmbeddedError
from config.opening import OpeningPage
from config.supervisor import Supervisor

SECONDS_TO_ANSWER = 60
LOGS = DATA_DIR / "log"


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if os.environ.pop("STOP_WITH_MAKE", ""):
        end_with_parent()
    try:
        with listen() as listener:
            run(listener)
    except EmbeddedError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def run(listener: socket.socket) -> None:
    began = time.monotonic()
    with OpeningPage(listener) as page, start_services(report=page.say_step) as is_embedded:
        prepare_environment(DATA_DIR)
        supervisor = Supervisor(
            desk_commands(port=address()[1], listener=listener.fileno()),
            environment=os.environ | {"GATE": str(page.gate)},
            cwd=BASE_DIR,
            say=say,
            logs=LOGS,
            inherited={"web": (listener.fileno(), page.gate)},
        )
        try:
            supervisor.start("web")  # worker and beat would work on halves
            logins = prepare_database(page, migrated=is_embedded and is_migrated())
            if is_embedded:
                note_migrated()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: supervisor.ending.set())
            with step("Web server, worker and beat started"):
                page.close()
                supervisor.start()
                wait_until_ready(supervisor)
            if not supervisor.ending.is_set():
                welcome(logins, time.monotonic() - began)
            gave_up = supervisor.watch()
        finally:
            with step("Web server, worker and beat stopped"):
                supervisor.stop()
    if gave_up:
        raise EmbeddedError("The desk has been stopped because one of its processes kept ending.")


def prepare_database(page: OpeningPage, *, migrated: bool) -> list[str]:
    """Migrations and demo data, in a process of their own; returns the demo logins that are there."""
    command = [sys.executable, "manage.py", "prepare_demo", *(["--migrated"] if migrated else [])]
    with subprocess.Popen(
        command,
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - started from the main thread
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            for line in process.stderr:
                page.say(line.rstrip())
            logins = process.stdout.read()
        except KeyboardInterrupt:
            process.terminate()
            raise
    if process.returncode:
        raise EmbeddedError("The demo data could not be written; `make clean-data` starts anew.")
    return list(json.loads(logins))


def wait_until_ready(supervisor: Supervisor) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < deadline and not supervisor.ending.is_set():
        if (code := supervisor.process("web").poll()) is not None:
            raise EmbeddedError(f"The web server ended at once (exit code {code}); see {supervisor.log('web')}.")
        if is_ready(*address()):
            return
        time.sleep(0.05)
    if not supervisor.ending.is_set():
        raise EmbeddedError(f"The web server did not answer within {SECONDS_TO_ANSWER} s; see {supervisor.log('web')}.")


def welcome(logins: Sequence[str], seconds: float) -> None:
    say(f"\nBackorder Desk is ready after {seconds:.0f} s:  {site_url()}/")
    say(f"  Admin:   {site_url()}/{os.environ.get('ADMIN_PATH', 'admin/')}")
    say(f"  Emails:  {DATA_DIR / 'mail'}{os.sep}*.eml")
    if logins:
        say(f"  Logins (password of all: {DEMO_PASSWORD}):")
        for name in logins:
            say(f"    {name:<10} {DEMO_LOGINS[name]}")
    say(f"  Logs:    {LOGS}{os.sep}")
    say("Ctrl-C stops everything.\n")


@contextmanager
def step(title: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say_step(title, time.monotonic() - began)


if __name__ == "__main__":
    main()
