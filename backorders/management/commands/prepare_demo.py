"""What `make run` does to its database (config/launch.py): migrates it and writes the demo data once."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from backorders.models import SalesOrder
from config.demo import DEMO_LOGINS
from inventory.models import Product

SEEDED_MARKER = "demo-data-written"


class Command(BaseCommand):
    help = "Migrates, and plays the demo story into an empty desk; names the demo logins that are there as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--migrated", action="store_true", help="the migrations are known to be applied")

    def handle(self, *, migrated: bool, **options: Any) -> None:
        if not migrated:
            with self.step("Migrations applied"):
                call_command("migrate", verbosity=0)
        self.seed_once()
        known = get_user_model().objects.filter(username__in=DEMO_LOGINS).values_list("username", flat=True)
        self.stdout.write(json.dumps(sorted(known)))

    def seed_once(self) -> None:
        marker = settings.DATA_DIR / SEEDED_MARKER
        if marker.exists() or SalesOrder.objects.exists() or Product.objects.exists():
            return
        self.clear_up()
        with self.step("Demo data written"):
            call_command("seed_demo", seed=7, stdout=self.stderr, stderr=self.stderr)
        marker.touch()

    def clear_up(self) -> None:
        """After a broken-off attempt autovacuum would look into the next one, see none of its rows yet, and have the
        planner expect empty tables: statements then take minutes. So it shall find nothing to do."""
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_stat_user_tables WHERE n_dead_tup > 40)")
            if cursor.fetchone()[0]:
                with self.step("What an earlier attempt left cleared up"):
                    cursor.execute("VACUUM ANALYZE")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.stderr.write(f"{title} in {time.monotonic() - began:.1f} s")
