"""How a supplier keeps its word: trends by month, the receipts behind them, and the figures of all as CSV."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from config.lib.charts import Plot, Series, columns, line
from config.lib.csv import csv_response
from config.lib.keyset import keyset_page
from config.lib.requests import StaffRequest
from inventory.models import Supplier
from inventory.suppliers.filters import ReceiptFilters
from inventory.suppliers.queries.scorecards import Scorecard, receipts_measured, scorecard_by_month, scorecards

SCORECARD_COLUMNS = (
    *("supplier", "name", "receipt_lines", "on_time", "lines_due", "in_full_on_time", "median_days_late"),
    *("interquartile_range_days", "orders_answered", "median_days_to_answer", "date_changes"),
)
RECEIPT_COLUMNS = (
    *("supplier", "purchase_order", "line", "sku", "reference", "quantity"),
    *("first_confirmed_on", "confirmed_on", "arrived_on", "days_late"),
)


@require_GET
@permission_required("inventory.view_supplier", raise_exception=True)
def scorecard(request: StaffRequest, supplier_id: int) -> HttpResponse:
    supplier = get_object_or_404(Supplier, pk=supplier_id)
    today = timezone.localdate()
    months = scorecard_by_month(supplier.pk, today=today)
    return render(
        request,
        "inventory/desk/scorecard.html",
        {
            "supplier": supplier,
            "card": scorecards([supplier.pk], today=today)[supplier.pk],
            "months": months[::-1],
            "charts": [chart for chart in _charts(months) if chart],
        },
    )


def _charts(months: Sequence[tuple[date, Scorecard]]) -> Iterator[Plot | None]:
    in_full = [(month, round(card.in_full * 100, 1)) for month, card in months if card.in_full is not None]
    delays = [(month, card.bias, card.quartiles) for month, card in months if card.bias is not None and card.quartiles]
    answers = [(month, card.answer_days) for month, card in months if card.answer_days is not None]
    yield line(title="On time and in full", unit="%", points=in_full) if len(in_full) > 1 else None
    yield (
        line(
            title="Days after the first confirmed date",
            unit="days",
            points=[(month, float(bias)) for month, bias, _ in delays],
            band=[(month, float(low), float(high)) for month, _, (low, high) in delays],
            name="Median",
            band_name="Middle half",
        )
        if len(delays) > 1
        else None
    )
    yield line(title="Days until the first answer", unit="days", points=answers) if len(answers) > 1 else None
    yield (
        columns(
            title="Date changes",
            unit="changes",
            categories=[f"{month:%b %y}" for month, _ in months],
            series=[Series("Date changes", [card.changes for _, card in months])],
        )
        if any(card.changes for _, card in months)
        else None
    )


@require_GET
@permission_required("inventory.view_receiptline", raise_exception=True)
def receipts(request: StaffRequest, supplier_id: int) -> HttpResponse:
    """The receipts behind a supplier's figures, the latest first."""
    supplier = get_object_or_404(Supplier, pk=supplier_id)
    filters = ReceiptFilters(request.GET, _measured(supplier))
    page = keyset_page(filters.qs, order=["-pk"], query=request.GET)
    return render(
        request,
        "inventory/desk/supplier_receipts.html",
        {"supplier": supplier, "form": filters.form, "page": page, "total": filters.qs.count()},
    )


@require_GET
@permission_required("inventory.view_receiptline", raise_exception=True)
def export_receipts(request: StaffRequest, supplier_id: int) -> StreamingHttpResponse:
    supplier = get_object_or_404(Supplier, pk=supplier_id)
    rows = ReceiptFilters(request.GET, _measured(supplier)).qs.order_by("-pk").iterator()
    return csv_response(
        f"receipts-{supplier.code}.csv", RECEIPT_COLUMNS, (_receipt_cells(supplier, row) for row in rows)
    )


def _receipt_cells(supplier: Supplier, row: Any) -> tuple[Any, ...]:
    ordered = row.purchase_order_line
    return (
        *(supplier.code, row.receipt.purchase_order.number, ordered.number, ordered.product.sku),
        *(row.receipt.reference, row.quantity),
        *(ordered.first_confirmed_on, ordered.confirmed_on, row.arrived_on, row.late_by.days),
    )


def _measured(supplier: Supplier) -> Any:
    return receipts_measured(supplier.pk).select_related("receipt__purchase_order", "purchase_order_line__product")


@require_GET
@permission_required("inventory.view_supplier", raise_exception=True)
def export_scorecards(request: StaffRequest) -> StreamingHttpResponse:
    return csv_response("scorecards.csv", SCORECARD_COLUMNS, _score_cells(today=timezone.localdate()))


def _score_cells(*, today: date) -> Iterator[tuple[Any, ...]]:
    suppliers = list(Supplier.objects.order_by("code"))
    cards = scorecards([supplier.pk for supplier in suppliers], today=today)
    for supplier in suppliers:
        card = cards[supplier.pk]
        yield (
            *(supplier.code, supplier.name, card.n, card.on_time, card.due, card.in_full, card.bias),
            *(card.spread, card.answered, card.answer_days, card.changes),
        )
