"""How long a backorder waits: whole days since it was opened, in the six buckets of every ageing report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, IntegerField, Q, Value, When


@dataclass(frozen=True, slots=True)
class Bucket:
    """From `first` to `last` whole days, both included; the last bucket has no end."""

    key: str
    label: str
    first: int
    last: int | None = None

    def aged(self, *, now: datetime) -> Q:
        """Lines of this age; a line opened in the future (a clock that runs ahead) counts as opened today."""
        young_enough = Q() if self.last is None else Q(backordered_at__gt=now - timedelta(days=self.last + 1))
        old_enough = Q(backordered_at__lte=now - timedelta(days=self.first)) if self.first else Q()
        return young_enough & old_enough


BUCKETS: Sequence[Bucket] = (
    Bucket("0-7", "0–7 days", 0, 7),
    Bucket("8-14", "8–14 days", 8, 14),
    Bucket("15-30", "15–30 days", 15, 30),
    Bucket("31-60", "31–60 days", 31, 60),
    Bucket("61-90", "61–90 days", 61, 90),
    Bucket("over-90", "90+ days", 91),
)


def bucket_index(*, now: datetime) -> Case:
    """The number of a line's bucket, as an annotation."""
    oldest_first = list(enumerate(BUCKETS))[:0:-1]
    return Case(
        *(When(backordered_at__lte=now - timedelta(days=b.first), then=Value(i)) for i, b in oldest_first),
        default=Value(0),
        output_field=IntegerField(),
    )
