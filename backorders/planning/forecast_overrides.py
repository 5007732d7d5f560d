"""What planners change about forecasts: overrides with a reason and an end, trends of a category."""

from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backorders.errors import OverrideRefused, TrendRefused
from backorders.models import ForecastOverride, MarketTrend
from config.lib.numbers import STOCK_MAX
from config.lib.text import clean_line

LEAST_FACTOR, MOST_FACTOR = Decimal("0.1"), Decimal(10)


@transaction.atomic
def override_forecast(
    *,
    product_id: int,
    warehouse_id: int,
    weekly: int,
    reason: str,
    from_on: date,
    until_on: date,
    by: User,
    now: datetime,
) -> ForecastOverride:
    """So many units a week in place of the forecast; the next forecasts go by it. An older override of the pool ends.

    Raises OverrideRefused without a reason, or with days that are over or out of order.
    """
    reason = clean_line(reason)
    if not reason:
        raise OverrideRefused("Say why you expect something else.")
    if until_on < from_on or until_on < timezone.localdate(now):
        raise OverrideRefused("The last day must not lie before the first, nor before today.")
    if not 0 <= weekly <= STOCK_MAX:
        raise OverrideRefused(f"Expect from 0 to {STOCK_MAX:,} units a week.")
    _standing(product_id, warehouse_id).update(withdrawn_at=now)
    return ForecastOverride.objects.create(
        product_id=product_id,
        warehouse_id=warehouse_id,
        weekly=weekly,
        reason=reason,
        from_on=from_on,
        until_on=until_on,
        made_by=by,
        made_at=now,
    )


@transaction.atomic
def withdraw_override(*, override_id: int, now: datetime) -> ForecastOverride:
    """The numbers count again from the next forecast on. Raises OverrideRefused when it was withdrawn already."""
    override = ForecastOverride.objects.select_for_update(no_key=True).get(pk=override_id)
    if override.withdrawn_at:
        raise OverrideRefused("This override was withdrawn already.")
    override.withdrawn_at = now
    override.save(update_fields=["withdrawn_at"])
    return override


def _standing(product_id: int, warehouse_id: int) -> QuerySet[ForecastOverride]:
    return ForecastOverride.objects.filter(product=product_id, warehouse=warehouse_id, withdrawn_at__isnull=True)


@transaction.atomic
def set_trend(*, category_id: int, factor: Decimal, reason: str, until_on: date, now: datetime) -> MarketTrend:
    """The demand of a category is `factor` times what the history says; in place of the trend it had.

    Raises TrendRefused without a reason, for a factor out of bounds, or for a day that is over.
    """
    reason = clean_line(reason)
    if not reason:
        raise TrendRefused("Say what changes the demand.")
    if not LEAST_FACTOR <= factor <= MOST_FACTOR:
        raise TrendRefused(f"The factor lies between {LEAST_FACTOR} and {MOST_FACTOR}.")
    if until_on < timezone.localdate(now):
        raise TrendRefused("The trend would be over already: choose a later day.")
    trend, _ = MarketTrend.objects.update_or_create(
        category_id=category_id, defaults={"factor": factor, "reason": reason, "until_on": until_on}
    )
    return trend


@transaction.atomic
def end_trend(*, trend_id: int) -> None:
    """The history alone counts from the next forecast on; ending it twice is harmless."""
    MarketTrend.objects.filter(pk=trend_id).delete()
