"""Why a line waits: pre-filled from what the data shows, corrected by people who know better."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Min, Q, Sum
from django.utils import timezone

from backorders.enums import BackorderReason, EventKind
from backorders.errors import OrderRefused
from backorders.letters.timeline import Event, record_events
from backorders.models import OrderLine
from backorders.planning.queries.demand import DemandOutlook, demand_outlooks
from inventory.enums import StockKind
from inventory.models import PurchaseOrderLine, StockEntry

RECENT = timedelta(days=30)
YEAR = timedelta(days=365)
CORRECTED_LATELY = timedelta(days=14)
MUCH_MORE = 2  # times the usual demand of a month
ENOUGH_HISTORY = 3 * RECENT


def likely_reasons(missing: Mapping[int, int], *, now: datetime) -> dict[int, BackorderReason]:
    """The best guess for each product, in this order: a late supplier, stock that was missing when counted, then what
    its forecast says of the demand in the lead time (without one, its own past months): the season or high demand; else
    unknown.

    `missing` are the units that lack now, beyond those that wait already.
    """
    if not missing:
        return {}
    product_ids = list(missing)
    late, miscounted = _late_products(missing, now), _miscounted_products(product_ids, now)
    outlooks = demand_outlooks(product_ids)
    demanded = _wanted_in_lead_time(outlooks, now)
    demand = _demand(product_ids, now)
    return {
        product_id: BackorderReason.SUPPLIER_DELAY
        if product_id in late
        else BackorderReason.DATA_ERROR
        if product_id in miscounted
        else _by_forecast(demanded.get(product_id, 0) + missing[product_id], outlooks[product_id])
        if product_id in outlooks
        else _by_demand(*demand.get(product_id, (0, 0, 0, None)), now=now)
        for product_id in product_ids
    }


@transaction.atomic
def correct_reason(*, line_id: int, reason: str, by: User, now: datetime) -> OrderLine:
    """A person says why the line waits. Raises OrderRefused when the line is no backorder or the reason is none."""
    line = OrderLine.objects.select_related("order").locked().get(pk=line_id)
    if line.backordered_at is None or not reason:
        raise OrderRefused(f"{line} needs a reason only while it is on backorder.")
    before = line.get_reason_display()
    line.reason = BackorderReason(reason)
    line.save(update_fields=["reason"])
    note = f"{before} → {line.get_reason_display()}"
    record_events([Event(line.pk, EventKind.REASON_CORRECTED, note=note)], now=now, by=by)
    return line


def _late_products(missing: Mapping[int, int], now: datetime) -> set[int]:
    """Those for which what should have been here by the supplier's first word would have covered all that lacks."""
    today = timezone.localdate(now)
    late = Q(first_confirmed_on__lt=today) | Q(first_confirmed_on__isnull=True, requested_on__lt=today)
    overdue = PurchaseOrderLine.objects.inbound().filter(late, product_id__in=missing)
    units = dict(overdue.values_list("product_id").annotate(units=Sum("open")))
    lines = OrderLine.objects.waiting().filter(product_id__in=units).order_by().values_list("product_id")
    waiting = dict(lines.annotate(units=Sum(F("ordered") - F("shipped") - F("cancelled") - F("allocated"))))
    return {pk for pk, here in units.items() if here >= waiting.get(pk, 0) + missing[pk]}


def _miscounted_products(product_ids: Collection[int], now: datetime) -> set[int]:
    return set(
        StockEntry.objects.filter(
            stock_level__product_id__in=product_ids,
            kind__in=[StockKind.COUNT, StockKind.ADJUSTMENT],
            delta__lt=0,
            made_at__gte=now - CORRECTED_LATELY,
        ).values_list("stock_level__product_id", flat=True)
    )


def _demand(product_ids: Collection[int], now: datetime) -> dict[int, tuple]:
    """Per product: units ordered in the last month, the year before it, the same month a year ago; first order."""
    last_month = Q(placed_at__gte=now - RECENT)
    year_ago = Q(placed_at__gte=now - YEAR - RECENT / 2, placed_at__lt=now - YEAR + RECENT / 2)
    rows = (
        OrderLine.objects.filter(product_id__in=product_ids, placed_at__gte=now - YEAR - RECENT)
        .order_by()
        .values_list("product_id")
        .annotate(
            recent=Sum("ordered", filter=last_month, default=0),
            earlier=Sum("ordered", filter=~last_month, default=0),
            then=Sum("ordered", filter=year_ago, default=0),
            since=Min("placed_at"),
        )
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def _wanted_in_lead_time(outlooks: Mapping[int, DemandOutlook], now: datetime) -> dict[int, int]:
    """Units ordered within the last lead time of each product."""
    by_days: dict[int, list[int]] = defaultdict(list)
    for product_id, outlook in outlooks.items():
        by_days[outlook.lead_days].append(product_id)
    demanded: dict[int, int] = {}
    for days, product_ids in by_days.items():
        lines = OrderLine.objects.filter(product_id__in=product_ids, placed_at__gte=now - timedelta(days))
        demanded |= dict(lines.order_by().values_list("product_id").annotate(units=Sum("ordered")))
    return demanded


def _by_forecast(units: int, outlook: DemandOutlook) -> BackorderReason:
    """More than the forecast's P90 is high demand; more than that of an average season is seasonal."""
    if units > outlook.lead_p90:
        return BackorderReason.HIGH_DEMAND
    if outlook.seasonal_index > 1 and units > outlook.lead_p90 / outlook.seasonal_index:
        return BackorderReason.SEASONAL
    return BackorderReason.UNKNOWN


def _by_demand(recent: int, earlier: int, then: int, since: datetime | None, *, now: datetime) -> BackorderReason:
    if since is None or now - since < ENOUGH_HISTORY:
        return BackorderReason.UNKNOWN
    months = min(now - since, YEAR + RECENT) / RECENT - 1
    usual = earlier / months
    if recent < MUCH_MORE * usual:
        return BackorderReason.UNKNOWN
    return BackorderReason.SEASONAL if then >= MUCH_MORE * usual else BackorderReason.HIGH_DEMAND
