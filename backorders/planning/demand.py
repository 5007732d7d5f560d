"""Counting what customers wanted, week by week, from the order lines that came since the last count."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from backorders.engine.forecasting.demand import week_of
from backorders.enums import DemandMark
from backorders.errors import DemandNotMarked
from backorders.models import DemandMeter, DemandWeek, LineEvent, OrderLine
from config.lib.text import clean_line

STILL_UNSEEN = 5_000  # rows with a smaller number may be committed later: so many are looked at again
RECOUNT_ON = 6  # Sundays: everything is counted anew, whatever was moved by hand

# The day on which the customer wanted the units; what was cancelled on the day it was entered was a mistake.
_WANTED = """
    SELECT line.product_id, line.warehouse_id, line.ordered - COALESCE(mistake.units, 0) AS units,
        date_trunc('week', COALESCE(line.requested_on, (line.placed_at AT TIME ZONE %(zone)s)::date))::date AS week
    FROM backorders_orderline AS line
    LEFT JOIN LATERAL (
        SELECT SUM(event.quantity) AS units FROM backorders_lineevent AS event
        WHERE event.line_id = line.id AND event.kind = 'cancelled' AND line.cancelled > 0
            AND (event.made_at AT TIME ZONE %(zone)s)::date = (line.placed_at AT TIME ZONE %(zone)s)::date
    ) AS mistake ON true
"""
_TOUCHED = """
    WHERE (line.product_id, line.warehouse_id,
        date_trunc('week', COALESCE(line.requested_on, (line.placed_at AT TIME ZONE %(zone)s)::date))::date) IN (
        SELECT product_id, warehouse_id,
            date_trunc('week', COALESCE(requested_on, (placed_at AT TIME ZONE %(zone)s)::date))::date
        FROM backorders_orderline
        WHERE id > %(line)s OR id IN (
            SELECT line_id FROM backorders_lineevent WHERE id > %(event)s AND kind = 'cancelled')
    )
"""
_SAVE = """
    INSERT INTO backorders_demandweek (product_id, warehouse_id, starts_on, ordered, lines, mark, extra, note)
    SELECT product_id, warehouse_id, week, SUM(units), COUNT(*), '', 0, '' FROM ({wanted}) AS wanted
    GROUP BY product_id, warehouse_id, week
    ON CONFLICT (product_id, warehouse_id, starts_on) DO UPDATE SET ordered = excluded.ordered, lines = excluded.lines
    WHERE (backorders_demandweek.ordered, backorders_demandweek.lines) <> (excluded.ordered, excluded.lines)
"""
_EMPTY_WEEKS = """
    UPDATE backorders_demandweek AS counted SET ordered = 0, lines = 0
    WHERE counted.ordered > 0 AND NOT EXISTS (
        SELECT FROM ({wanted}) AS wanted WHERE wanted.product_id = counted.product_id
            AND wanted.warehouse_id = counted.warehouse_id AND wanted.week = counted.starts_on)
"""


@transaction.atomic
def count_demand(*, now: datetime, anew: bool = False) -> int:
    """Bring the demand history up to date; returns how many weeks of pools changed.

    Unconstrained: what was ordered, shipped or not, and what was cancelled while it waited. Returns change nothing.
    """
    meter = DemandMeter.objects.select_for_update().get()
    anew = anew or meter.counted_at is None or _recount_due(meter.counted_at, now)
    place = {
        "zone": settings.TIME_ZONE,
        "line": meter.line_id - STILL_UNSEEN,
        "event": meter.event_id - STILL_UNSEEN,
    }
    newest_line = OrderLine.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    newest_event = LineEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with connection.cursor() as cursor:
        cursor.execute(_SAVE.format(wanted=_WANTED if anew else _WANTED + _TOUCHED), place)
        changed = cursor.rowcount
        if anew and meter.counted_at:  # the first count finds nothing to empty
            cursor.execute(_EMPTY_WEEKS.format(wanted=_WANTED), place)
            changed += cursor.rowcount
    meter.line_id, meter.event_id, meter.counted_at = newest_line, newest_event, now
    meter.save(update_fields=["line_id", "event_id", "counted_at"])
    return changed


@transaction.atomic
def mark_demand(
    *,
    product_id: int,
    warehouse_id: int,
    day: date,
    mark: str,
    extra: int,
    note: str = "",
    by: User,
    now: datetime,
) -> DemandWeek:
    """Say that `extra` units of the week of `day` were a promotion or a one-off order; an empty mark takes it back.

    Raises DemandNotMarked when the week has less demand than that, or none.
    """
    week = (
        DemandWeek.objects.select_for_update()
        .filter(product=product_id, warehouse=warehouse_id, starts_on=week_of(day))
        .first()
    )
    if week is None:
        raise DemandNotMarked(f"Nothing was ordered in the week of {week_of(day):%-d %b %Y}.")
    if mark and not 1 <= extra <= week.ordered:
        raise DemandNotMarked(f"Mark from 1 to {week.ordered:,} of the units of that week, not {extra:,}.")
    week.mark = DemandMark(mark) if mark else ""
    week.extra = extra if mark else 0
    week.note = clean_line(note) if mark else ""
    week.marked_by, week.marked_at = (by, now) if mark else (None, None)
    week.save(update_fields=["mark", "extra", "note", "marked_by", "marked_at"])
    return week


def _recount_due(counted_at: datetime, now: datetime) -> bool:
    today = timezone.localdate(now)
    last_sunday = today - timedelta(days=(today.weekday() - RECOUNT_ON) % 7)
    return timezone.localdate(counted_at) < last_sunday
