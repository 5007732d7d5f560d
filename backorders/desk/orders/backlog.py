"""The worklist of backorders: look, narrow down, sort, page, export."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from backorders.models import OrderLine
from backorders.orders.queries.backlog import (
    COUNTED_AT_ONCE,
    SORTS,
    backlog_row,
    named,
    quick_totals,
    totals,
    totals_of,
    with_names,
    with_sort_key,
)
from backorders.orders.queries.filters import STATES, BacklogFilters
from config.lib.csv import csv_response
from config.lib.keyset import PAGE_SIZE, keyset_page
from config.lib.requests import StaffRequest

COLUMNS = [
    *("order", "line", "external_number", "customer", "customer_name", "tier", "sku", "product", "warehouse"),
    *("ordered", "open", "allocated", "missing", "backordered_at", "age_days", "requested_on", "promised_on"),
    *("likely_on", "promise_source", "late", "at_risk", "reason", "currency", "unit_price", "open_value", "state"),
]


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def backlog_list(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    filters = BacklogFilters(request.GET, OrderLine.objects.backordered(), now=now)
    lines = filters.qs
    order = SORTS[filters.sorting]
    page = keyset_page(with_sort_key(lines, order), order=order, query=request.GET, size=PAGE_SIZE)
    shown = named(page.rows)
    is_all = not (page.newer or page.older)
    context: dict[str, Any] = {
        "form": filters.form,
        "chosen": filters.chosen,
        "is_blank": filters.is_blank,
        "page": page,
        "rows": [backlog_row(line, now=now, today=today) for line in shown],
        "totals": totals_of(shown) if is_all else quick_totals(lines),
        "counted_at_once": COUNTED_AT_ONCE,
        "sort": filters.sorting,
        "tabs": [(state, words, address_with(request.GET, state=state)) for state, words in [("", "All"), *STATES]],
        "chips": [
            (chip, address_with(request.GET, **{chip.name: ""})) for chip in filters.chips(without=("sort", "state"))
        ],
        "now": now,
    }
    wants_fragment = request.htmx and not request.htmx.history_restore_request
    response = render(
        request,
        "backorders/desk/orders/_backlog.html" if wants_fragment else "backorders/desk/orders/backlog.html",
        context,
    )
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def backlog_totals(request: StaffRequest) -> HttpResponse:
    """The totals of a large set, fetched after the page is there."""
    now = timezone.now()
    lines = BacklogFilters(request.GET, OrderLine.objects.backordered(), now=now).qs
    template = (
        "backorders/desk/orders/_backlog_totals.html" if request.htmx else "backorders/desk/orders/backlog_totals.html"
    )
    return render(request, template, {"totals": totals(lines), "now": now})


@require_safe
@permission_required("backorders.view_orderline", raise_exception=True)
def export_backlog(request: StaffRequest) -> HttpResponseBase:
    """All lines of the filter, in the order of the page, as CSV."""
    now = timezone.now()
    today = timezone.localdate(now)
    filters = BacklogFilters(request.GET, OrderLine.objects.backordered(), now=now)
    order = SORTS[filters.sorting]
    lines = with_sort_key(filters.qs, order).order_by(*order)
    return csv_response(f"backorders-{today}.csv", COLUMNS, backlog_cells(lines, now=now, today=today))


def backlog_cells(lines: QuerySet[OrderLine], *, now: datetime, today: date) -> Iterator[tuple[Any, ...]]:
    """The cells of each line, read while they are sent."""
    for line in with_names(lines).iterator(chunk_size=2000):
        row, order, product = backlog_row(line, now=now, today=today), line.order, line.product
        yield (
            *(order.number, line.number, order.external_number, order.customer.code, order.customer.name),
            *(order.customer.tier.code, product.sku, product.name, line.warehouse.code),
            *(line.ordered, line.open, line.allocated, line.missing, line.backordered_at, row.age),
            *(line.requested_on, line.promised_on, line.p50_on, line.promise_source, row.is_late, row.is_at_risk),
            *(line.reason, order.currency, line.unit_price, line.open_value, line.status),
        )


def address_with(query: QueryDict, **changes: str) -> str:
    """The page with another filter, from its beginning."""
    address = query.copy()
    for name in ("after", "before", *changes):
        address.pop(name, None)
    for name, value in changes.items():
        if value:
            address[name] = value
    return f"?{address.urlencode()}"
