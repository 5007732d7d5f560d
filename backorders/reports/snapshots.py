"""Figures that are dear to count: over many lines they are kept for a minute and say their age."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.cache import cache

from backorders.models import OrderLine

EXACT_UP_TO = 20_000  # open backorders; below, every page is exact to the last commit
FRESH = timedelta(seconds=60)
KEPT_SECONDS = 900
COUNTING_SECONDS = 30
Counted = TypeVar("Counted")


def counted(name: str, count: Callable[[], Counted], *, now: datetime, anew: bool = False) -> tuple[Counted, datetime]:
    """What `count` finds, and as of when. `anew` passes over what is kept.

    Whoever comes first after a minute counts; until that is done, the others see what is kept, with its age.
    """
    if not _are_many():
        return count(), now
    kept = None if anew else _kept(name)
    if kept is not None and (now - kept[1] < FRESH or not _may_count(name)):
        return kept
    fresh = (count(), now)
    _keep(name, fresh)
    return fresh


def _are_many() -> bool:
    return OrderLine.objects.backordered().order_by()[EXACT_UP_TO : EXACT_UP_TO + 1].values("pk").exists()


def _kept(name: str):
    return cache.get(f"snapshot:{name}")


def _may_count(name: str) -> bool:
    """One at a time."""
    return cache.add(f"snapshot:{name}:counting", True, COUNTING_SECONDS)


def _keep(name: str, fresh: tuple[object, datetime]) -> None:
    cache.set(f"snapshot:{name}", fresh, KEPT_SECONDS)
    cache.delete(f"snapshot:{name}:counting")
