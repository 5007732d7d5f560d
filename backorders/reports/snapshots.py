"""Figures that are dear to count: over many lines they are kept for a minute and say their age."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import redis
import structlog
from django.core.cache import cache

from backorders.models import OrderLine

logger = structlog.get_logger(__name__)

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
    try:
        return cache.get(f"snapshot:{name}")
    except redis.RedisError as error:
        logger.warning("snapshot_not_read", name=name, error=str(error))
        return None


def _may_count(name: str) -> bool:
    """One at a time."""
    try:
        return cache.add(f"snapshot:{name}:counting", True, COUNTING_SECONDS)
    except redis.RedisError:
        return False


def _keep(name: str, fresh: tuple[object, datetime]) -> None:
    try:
        cache.set(f"snapshot:{name}", fresh, KEPT_SECONDS)
        cache.delete(f"snapshot:{name}:counting")
    except redis.RedisError as error:
        logger.warning("snapshot_not_kept", name=name, error=str(error))
