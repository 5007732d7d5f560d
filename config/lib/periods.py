"""Periods of whole local days, and the shapes of figures: a ratio with its n, a spread with its n."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Aggregate, DurationField
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def until(cls, today: date, *, days: int) -> "Period":
        """The last so many days, with today as the last of them."""
        return cls(today - timedelta(days=days - 1), today)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """As many days directly before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    @property
    def start(self) -> datetime:
        """Local midnight at its beginning."""
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def end(self) -> datetime:
        """Local midnight after its last day."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))


@dataclass(frozen=True, slots=True)
class Ratio:
    """`hits` of `n`. A ratio of nothing is None, never zero."""

    hits: int
    n: int

    @property
    def rate(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def misses(self) -> int:
        return self.n - self.hits


@dataclass(frozen=True, slots=True)
class Spread:
    """Days: the median, the mean, and the P90 by nearest rank; all None at n = 0."""

    n: int
    median: float | None = None
    mean: float | None = None
    p90: float | None = None

    @classmethod
    def of(cls, n: int, median: timedelta | None, mean: timedelta | None, p90: timedelta | None) -> "Spread":
        return cls(n, _in_days(median), _in_days(mean), _in_days(p90))


def _in_days(span: timedelta | None) -> float | None:
    return None if span is None else span / timedelta(days=1)


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


class NearestRank90(Aggregate):
    function = "PERCENTILE_DISC"
    template = "%(function)s(0.9) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()
