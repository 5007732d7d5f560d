"""What `make run` runs: a whole desk on this machine, from an empty folder to demo data, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from backorders.models import SalesOrder
from config.demo import DEMO_LOGINS, DEMO_PASSWORD, address, site_url
from config.desk import desk_commands, is_ready
from config.embedded.processes import end_with_parent
from config.supervisor import Supervisor
from inventory.models import Product

SECONDS_TO_ANSWER = 60
LOGS = settings.DATA_DIR / "log"
SEEDED_MARKER = "demo-data-written"


class Command(BaseCommand):
    help = "Runs a whole desk with demo data: web, worker and beat, plus PostgreSQL and Redis where no URL is given."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if os.environ.pop("STOP_WITH_MAKE", ""):
            end_with_parent()
        with self.step("Migrations applied"):
            call_command("migrate", verbosity=0)
        with self.step("Static files collected"):
            call_command("collectstatic", interactive=False, verbosity=0)
        host, port = address()
        supervisor = Supervisor(
            desk_commands(host=host, port=port), environment=os.environ, cwd=settings.BASE_DIR, say=self.say, logs=LOGS
        )
        try:
            supervisor.start("web")  # it loads while the demo data are written; worker and beat would work on halves
            self.seed_once(settings.DATA_DIR)
            logins = self.logins()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: supervisor.ending.set())
            with self.step("Web server, worker and beat started"):
                supervisor.start()
                self.wait_until_ready(supervisor)
            if not supervisor.ending.is_set():
                self.welcome(logins, time.monotonic() - began)
            gave_up = supervisor.watch()
        finally:
            with self.step("Web server, worker and beat stopped"):
                supervisor.stop()
        if gave_up:
            raise CommandError("The desk has been stopped because one of its processes kept ending.")

    def logins(self) -> list[str]:
        known = get_user_model().objects.filter(username__in=DEMO_LOGINS).values_list("username", flat=True)
        names = sorted(known)
        connections.close_all()
        return names

    def seed_once(self, data: Path) -> None:
        marker = data / SEEDED_MARKER
        if marker.exists() or SalesOrder.objects.exists() or Product.objects.exists():
            return
        self.clear_up()
        with self.step("Demo data written"):
            seeding = [sys.executable, str(settings.BASE_DIR / "manage.py"), "seed_demo", "--seed", "7"]
            if subprocess.run(seeding, stdout=sys.stderr, check=False).returncode:
                raise CommandError("The demo data could not be written; `make clean-data` starts anew.")
        marker.touch()

    def clear_up(self) -> None:
        """After a broken-off attempt autovacuum would look into the next one, see none of its rows yet, and have the
        planner expect empty tables: statements then take minutes. So it shall find nothing to do."""
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_stat_user_tables WHERE n_dead_tup > 40)")
            if cursor.fetchone()[0]:
                with self.step("What an earlier attempt left cleared up"):
                    cursor.execute("VACUUM ANALYZE")

    def wait_until_ready(self, supervisor: Supervisor) -> None:
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while time.monotonic() < deadline and not supervisor.ending.is_set():
            if (code := supervisor.process("web").poll()) is not None:
                raise CommandError(f"The web server ended at once (exit code {code}); see {supervisor.log('web')}.")
            if is_ready(*address()):
                return
            time.sleep(0.1)
        if not supervisor.ending.is_set():
            raise CommandError(
                f"The web server did not answer within {SECONDS_TO_ANSWER} s; see {supervisor.log('web')}."
            )

    def welcome(self, logins: list[str], seconds: float) -> None:
        self.say(f"\nBackorder Desk is ready after {seconds:.0f} s:  {site_url()}/")
        self.say(f"  Admin:   {site_url()}/{settings.ADMIN_PATH}")
        self.say(f"  Emails:  {settings.EMAIL_FILE_PATH}{os.sep}*.eml")
        if logins:
            self.say(f"  Logins (password of all: {DEMO_PASSWORD}):")
            for name in logins:
                self.say(f"    {name:<10} {DEMO_LOGINS[name]}")
        self.say(f"  Logs:    {LOGS}{os.sep}")
        self.say("Ctrl-C stops everything.\n")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.say(f"{title} in {time.monotonic() - began:.1f} s")

    def say(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
