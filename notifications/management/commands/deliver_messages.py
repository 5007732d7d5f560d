"""Send what is due in the outbox, exactly as the worker does."""

import json
from argparse import ArgumentTypeError
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notifications.models import Message
from notifications.services.delivery import DeliveryReport, deliver_due_messages, due_count


class Command(BaseCommand):
    help = "Send what is due in the outbox."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=_positive, help="look at this many messages at most")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        parser.add_argument("--dry-run", action="store_true", help="count what is due, send nothing")

    def handle(self, *, limit: int | None, json: bool, dry_run: bool, **options: Any) -> None:
        if dry_run:
            report = DeliveryReport(left=due_count())
        else:
            report = deliver_due_messages(limit=limit, on_progress=self._tell)
        self.stdout.write(_as_json(report) if json else _as_sentence(report))

    def _tell(self, message: Message, result: str) -> None:
        self.stderr.write(f"{result}: {message.kind} to {message.recipient}")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number of messages such as 100.")
    return int(text)


def _as_json(report: DeliveryReport) -> str:
    return json.dumps(asdict(report))


def _as_sentence(report: DeliveryReport) -> str:
    return f"{report.sent} sent, {report.retried} to be retried, {report.dead} given up, {report.left} still due."
