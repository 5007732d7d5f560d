"""How the promises of each month were kept, and how often they moved: from the promise ledger."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from backorders.figures.deliveries import Due, promise_accuracy
from config.lib.periods import Period, Ratio

RECORD_MONTHS = 6
# A first date is no move. "No reliable date" after a date is later, a date after none earlier.
_CHURN = """
    SELECT date_trunc('month', made_at AT TIME ZONE %(zone)s)::date AS month,
        COUNT(*) FILTER (WHERE before_id IS NULL),
        COUNT(*) FILTER (WHERE before_id IS NOT NULL AND (promised_on > before_on
            OR promised_on IS NULL AND before_on IS NOT NULL)),
        COUNT(*) FILTER (WHERE before_id IS NOT NULL AND (promised_on < before_on
            OR promised_on IS NOT NULL AND before_on IS NULL)),
        COUNT(*) FILTER (WHERE before_id IS NOT NULL AND is_told)
    FROM (
        SELECT promise.id, promise.made_at, promised_on,
            COALESCE(message.first_sent_at, digest.first_sent_at) IS NOT NULL AS is_told,
            LAG(promise.id) OVER by_line AS before_id, LAG(promised_on) OVER by_line AS before_on
        FROM backorders_promise promise
            LEFT JOIN notifications_message message ON message.dedupe_key = NULLIF(promise.message_key, '')
            LEFT JOIN notifications_message digest ON digest.id = message.digest_id
        WHERE line_id IN (SELECT line_id FROM backorders_promise WHERE made_at >= %(start)s)
        WINDOW by_line AS (PARTITION BY line_id ORDER BY promise.id)
    ) AS promise
    WHERE made_at >= %(start)s AND made_at < %(end)s
    GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class PromisesKept:
    """Lines that left in the month, or whose day passed in it, against their first and their last told promise."""

    month: date
    first: Ratio
    last: Ratio


@dataclass(frozen=True, slots=True)
class Churn:
    """Promises made in the month: `made` for the first time, moved `later` or `earlier`; `told` of the moved ones."""

    month: date
    made: int
    later: int
    earlier: int
    told: int


def kept_by_month(months: list[Period], *, today: date) -> list[PromisesKept]:
    return [
        PromisesKept(
            month.first,
            promise_accuracy(Due.FIRST_PROMISE, month, today=today),
            promise_accuracy(Due.LAST_PROMISE, month, today=today),
        )
        for month in months
    ]


def churn_by_month(period: Period) -> list[Churn]:
    with connection.cursor() as cursor:
        zone = timezone.get_current_timezone_name()
        cursor.execute(_CHURN, {"zone": zone, "start": period.start, "end": period.end})
        return [Churn(*row) for row in cursor.fetchall()]


def last_months(today: date, count: int) -> list[Period]:
    """Whole calendar months, the current one as far as it is."""
    months: list[Period] = []
    last = today
    for _ in range(count):
        months.append(Period(last.replace(day=1), last))
        last = date.fromordinal(last.replace(day=1).toordinal() - 1)
    return months[::-1]


@dataclass(frozen=True, slots=True)
class PromiseRecord:
    kept: list[PromisesKept]
    churn: list[Churn]


def promise_record(*, today: date) -> PromiseRecord:
    """Of the last months."""
    months = last_months(today, RECORD_MONTHS)
    return PromiseRecord(kept_by_month(months, today=today), churn_by_month(Period(months[0].first, today)))
