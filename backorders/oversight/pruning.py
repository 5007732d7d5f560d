"""What the desk forgets: what has run out or can be had again, never the history of an order, of stock or of a run."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Min, Q, QuerySet

from backorders.models import Forecast, ForecastRun
from backorders.runs.snapshots import old_snapshots

EVERY_NIGHT = timedelta(days=14)  # for so long the forecasts of each night are kept
FIRST_OF_A_WEEK = timedelta(days=400)  # and for so long those by which a week is judged


def expired_sessions(*, now: datetime) -> QuerySet[Session]:
    """Logins that have run out."""
    return Session.objects.filter(expire_date__lt=now)


def replaced_forecasts(*, now: datetime) -> QuerySet[Forecast]:
    """Of nights that a later one replaced: the first of a week stays for 400 days, since accuracy is judged by it.

    The newest forecasts stay however old they are; so do all runs with the figures of their backtests.
    """
    runs = ForecastRun.objects.order_by()
    judged_by = runs.values("from_on").annotate(first=Min("pk")).values("first")
    old = runs.filter(
        Q(made_at__lt=now - FIRST_OF_A_WEEK) | (Q(made_at__lt=now - EVERY_NIGHT) & ~Q(pk__in=judged_by))
    ).exclude(pk__in=ForecastRun.objects.order_by("-pk").values("pk")[:1])
    return Forecast.objects.filter(run__in=old.values("pk"))


FORGOTTEN: Mapping[str, Callable[..., QuerySet[Any]]] = {
    "snapshots": old_snapshots,
    "sessions": expired_sessions,
    "forecasts": replaced_forecasts,
}


def prune(*, now: datetime, dry_run: bool = False) -> dict[str, int]:
    """Forget what is due, and say of each kind how many rows; with `dry_run` only say so."""
    due = {name: rows(now=now) for name, rows in FORGOTTEN.items()}
    return {name: rows.count() if dry_run else rows.delete()[0] for name, rows in due.items()}
