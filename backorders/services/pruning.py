"""What the desk forgets: what has run out or can be had again, never the history of an order, of stock or of a run."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from backorders.services.snapshots import old_snapshots


def expired_sessions(*, now: datetime) -> QuerySet[Session]:
    """Logins that have run out."""
    return Session.objects.filter(expire_date__lt=now)


FORGOTTEN: Mapping[str, Callable[..., QuerySet[Any]]] = {"snapshots": old_snapshots, "sessions": expired_sessions}


def prune(*, now: datetime, dry_run: bool = False) -> dict[str, int]:
    """Forget what is due, and say of each kind how many rows; with `dry_run` only say so."""
    due = {name: rows(now=now) for name, rows in FORGOTTEN.items()}
    return {name: rows.count() if dry_run else rows.delete()[0] for name, rows in due.items()}
