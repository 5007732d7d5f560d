"""What customers wanted, period by period, and what kind of demand that is. Plain Python: the web pages use it too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ADI_LIMIT = 1.32  # mean number of periods between two with demand (Syntetos, Boylan and Croston, 2005)
CV2_LIMIT = 0.49  # squared coefficient of variation of the demand, where there is one
ENOUGH_PERIODS = 8  # with fewer the product is new: its category speaks for it
ENDED_AFTER = 26  # periods without any demand, or four times the usual pause
SEASONAL_CORRELATION = 0.45  # of the periods with those one season earlier, over at least two seasons


class DemandClass(StrEnum):
    SMOOTH = "smooth"
    ERRATIC = "erratic"
    INTERMITTENT = "intermittent"
    LUMPY = "lumpy"
    SEASONAL = "seasonal"
    NEW = "new"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TidyHistory:
    """Finished periods without gaps, from the first demand on; `remarks` say what had to be put right."""

    starts_on: date | None
    units: tuple[int, ...]
    remarks: tuple[str, ...] = ()


def week_of(day: date) -> date:
    """The Monday that starts the week of `day`."""
    return day - timedelta(days=day.weekday())


def weeks_between(first: date, last: date) -> int:
    return (last - first).days // 7


def tidy_history(units_by_week: dict[date, int], *, today: date, weeks: int) -> TidyHistory:
    """The last `weeks` finished weeks. Gaps are weeks without demand; negative demand counts as none; the week that is
    under way and what is wanted later do not count yet."""
    remarks = []
    current = week_of(today)
    if any(units < 0 for units in units_by_week.values()):
        remarks.append("Negative demand counts as none.")
    if any(start > current for start in units_by_week):
        remarks.append("Demand wanted in later weeks does not count yet.")
    known = {start: units for start, units in units_by_week.items() if start < current and units > 0}
    first = max(min(known, default=current), current - timedelta(weeks=weeks))
    if first >= current:
        return TidyHistory(None, (), (*remarks, "No demand in any finished week."))
    count = weeks_between(first, current)
    return TidyHistory(first, tuple(known.get(first + timedelta(weeks=i), 0) for i in range(count)), tuple(remarks))


def demand_class(units: Sequence[float], *, season: int = 0) -> DemandClass:
    """The kind of demand of one history that starts with its first demand."""
    demands = [value for value in units if value > 0]
    if len(units) < ENOUGH_PERIODS or len(demands) < 2:
        return DemandClass.ENDED if _has_ended(units, demands) else DemandClass.NEW
    if _has_ended(units, demands):
        return DemandClass.ENDED
    if season > 1 and seasonal_correlation(units, season) >= SEASONAL_CORRELATION:
        return DemandClass.SEASONAL
    interval = len(units) / len(demands)
    mean = sum(demands) / len(demands)
    cv2 = sum((value - mean) ** 2 for value in demands) / len(demands) / mean**2
    if interval < ADI_LIMIT:
        return DemandClass.SMOOTH if cv2 < CV2_LIMIT else DemandClass.ERRATIC
    return DemandClass.INTERMITTENT if cv2 < CV2_LIMIT else DemandClass.LUMPY


def seasonal_correlation(units: Sequence[float], season: int) -> float:
    """How alike the periods are to those one season earlier: −1 to 1; 0 with less than two seasons."""
    if len(units) < 2 * season:
        return 0.0
    now, then = units[season:], units[:-season]
    mean_now, mean_then = sum(now) / len(now), sum(then) / len(then)
    together = sum((a - mean_now) * (b - mean_then) for a, b in zip(now, then, strict=True))
    spread = (sum((a - mean_now) ** 2 for a in now) * sum((b - mean_then) ** 2 for b in then)) ** 0.5
    return together / spread if spread else 0.0


def seasonal_indices(units: Sequence[float], *, season: int) -> list[float]:
    """What each place of the season has of an average period, half of it taken as chance."""
    if len(units) < 2 * season or not sum(units):
        return [1.0] * season
    mean = sum(units) / len(units)
    places = [units[place::season] for place in range(season)]
    return [(1 + sum(values) / len(values) / mean) / 2 for values in places]


def _has_ended(units: Sequence[float], demands: Sequence[float]) -> bool:
    pause = next((i for i, value in enumerate(reversed(units)) if value > 0), len(units))
    usual = len(units) / len(demands) if demands else 0
    return pause >= max(ENDED_AFTER, 4 * usual)
