"""Figures that are dear to count: over many lines they are kept and say their age, and a worker counts them anew."""

from datetime import datetime, timedelta
from typing import Any

from backorders import tasks
from backorders.figures.cached import CachedFigures, count, count_anew, kept_figures, may_count
from backorders.models import OrderLine
from config.lib.enqueue import hint

EXACT_UP_TO = 20_000  # open backorders; below, every page is exact to the last commit
FRESH = timedelta(seconds=60)


def counted(name: str, *, now: datetime, anew: bool = False) -> tuple[Any, datetime]:
    """The figures of this name, and as of when. `anew` passes over what is kept.

    Over many lines no page waits for what a worker can count: whoever comes first after a minute asks for it, and sees
    what is kept, with its age. Only where nothing is kept the page counts itself.
    """
    if not _are_many():
        return CachedFigures(count(name, now=now), now)
    figures = None if anew else kept_figures(name)
    if figures is None:
        return count_anew(name, now=now)
    if now - figures.as_of >= FRESH and may_count(name):
        hint(tasks.count_figures, name=name)
    return figures


def _are_many() -> bool:
    return OrderLine.objects.backordered().order_by()[EXACT_UP_TO : EXACT_UP_TO + 1].values("pk").exists()
