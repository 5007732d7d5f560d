"""Whether the dates that were foretold turned out as likely as they said: receipts on or before P50, P80 and P90."""

from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

from django.db.models import QuerySet, Sum

from inventory.models import LeadTimeScore, Supplier

ENOUGH = 8  # receipts; fewer are not judged
SURE = 1.96  # of the normal distribution: 19 of 20 samples lie within
SUMS = ("n", "within_p50", "within_p80", "within_p90", "loss", "stated_loss")


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n` receipts came on or before the day of a quantile, where `percent` should have."""

    percent: int
    hits: int
    n: int

    @property
    def rate(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def tolerance(self) -> float | None:
        """How far off a sample of this size is in 19 of 20 cases with right dates: P80 ± 0.055 at n = 200."""
        share = self.percent / 100
        return SURE * sqrt(share * (1 - share) / self.n) if self.n else None

    @property
    def verdict(self) -> str:
        """`few`, `within`, `low` (goods came later than foretold) or `high` (earlier: we promise too late)."""
        if self.n < ENOUGH or self.rate is None or self.tolerance is None:
            return "few"
        missed = self.rate - self.percent / 100
        if abs(missed) <= self.tolerance:
            return "within"
        return "low" if missed < 0 else "high"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The receipts of one month or one supplier; losses are mean pinball losses in days, `stated` those of its date."""

    n: int
    p50: Share
    p80: Share
    p90: Share
    loss: float | None
    stated_loss: float | None
    month: date | None = None
    supplier: Supplier | None = None

    @property
    def beats_the_word(self) -> bool:
        return self.loss is not None and self.stated_loss is not None and self.loss <= self.stated_loss


def scores(*, kind: str, since: date, supplier_id: int | None = None) -> QuerySet[LeadTimeScore]:
    rows = LeadTimeScore.objects.filter(kind=kind, month__gte=since)
    return rows.filter(supplier=supplier_id) if supplier_id else rows


def calibration(scored: QuerySet[LeadTimeScore]) -> Calibration:
    return _calibration(scored.aggregate(**_sums()))


def calibration_by_month(scored: QuerySet[LeadTimeScore]) -> list[Calibration]:
    """The oldest month first."""
    rows = scored.order_by("month").values("month").annotate(**_sums())
    return [_calibration(dict(row), month=row["month"]) for row in rows]


def calibration_by_supplier(scored: QuerySet[LeadTimeScore]) -> list[Calibration]:
    """The supplier with the most receipts first."""
    rows = scored.order_by("supplier_id").values("supplier_id").annotate(**_sums())
    suppliers = Supplier.objects.in_bulk([row["supplier_id"] for row in rows])
    each = [_calibration(dict(row), supplier=suppliers[row["supplier_id"]]) for row in rows]
    return sorted(each, key=lambda row: -row.n)


def _sums() -> dict[str, Sum]:
    return {f"total_{name}": Sum(name) for name in SUMS}


def _calibration(row: dict[str, Any], **whose: Any) -> Calibration:
    n = row["total_n"] or 0
    p50, p80, p90 = (Share(percent, row[f"total_within_p{percent}"] or 0, n) for percent in (50, 80, 90))
    loss, stated = (row[f"total_{name}"] / n if n else None for name in ("loss", "stated_loss"))
    return Calibration(n, p50, p80, p90, loss, stated, **whose)
