"""Reorder proposals and early warnings: what should be bought, and what is about to run out."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backorders.desk.purchasing.forms.forecasts import CapForm
from backorders.enums import ProposalState
from backorders.planning.queries.demand import latest_run
from backorders.planning.queries.stockouts import (
    cover_of,
    proposal_totals,
    reorder_proposals,
    stockout_warnings,
    warning_totals,
)
from backorders.planning.replenishment import approve_proposals, reject_proposals
from config.lib.csv import csv_response
from config.lib.errors import DomainError
from config.lib.keyset import keyset_page
from config.lib.requests import StaffRequest
from config.lib.text import counted
from inventory.models import Product
from inventory.products import supply_version

STATES = (ProposalState.PROPOSED, ProposalState.APPROVED, ProposalState.REJECTED)
AT_ONCE = 500
PROPOSAL_COLUMNS = [
    *("sku", "product", "warehouse", "supplier", "state", "quantity", "needed", "backorders", "forecast", "safety"),
    *("on_hand", "on_order", "reorder_point", "lead_days", "review_days", "class", "service_level", "cost", "currency"),
    *("value", "purchase_order", "why"),
]
WARNING_COLUMNS = [
    *("sku", "product", "warehouse", "free", "weekly_demand", "days_of_cover", "within_7", "within_14", "within_30"),
    *("missing", "value", "currency", "next_supply_on", "label"),
]


@require_safe
@permission_required("backorders.view_reorderproposal", raise_exception=True)
def proposals(request: StaffRequest) -> HttpResponse:
    state = _state(request)
    order = ("-urgency", "pk") if state == ProposalState.PROPOSED else ("-pk",)
    page = keyset_page(reorder_proposals(state=state, text=_text(request)), order=order, query=request.GET)
    context: dict[str, Any] = {
        "page": page,
        "state": state,
        "states": [(value, ProposalState(value).label) for value in STATES],
        "text": _text(request),
        "totals": proposal_totals(),
        "run": latest_run(),
    }
    return render(request, "backorders/desk/purchasing/proposals.html", context)


@require_safe
@permission_required("backorders.view_reorderproposal", raise_exception=True)
def export_proposals(request: StaffRequest) -> HttpResponseBase:
    return csv_response(
        f"proposals-{timezone.localdate()}.csv",
        PROPOSAL_COLUMNS,
        _proposal_cells(_state(request), _text(request)),
    )


@require_POST
@permission_required("backorders.approve_reorderproposal", raise_exception=True)
def decide_proposals(request: StaffRequest) -> HttpResponse:
    """The ticked ones, or the one whose button was pressed, into draft purchase orders, or away for a week."""
    chosen = [int(key) for key in request.POST.getlist("proposal")[:AT_ONCE] if key.isascii() and key.isdigit()]
    try:
        if request.POST.get("decision") == "reject":
            count = reject_proposals(proposal_ids=chosen, by=request.user, now=timezone.now())
            messages.success(request, f"{count} rejected: not proposed again for a week.")
            return redirect("backorders:proposals")
        orders = approve_proposals(proposal_ids=chosen, by=request.user, now=timezone.now())
    except DomainError as error:
        messages.warning(request, str(error))
        return redirect("backorders:proposals")
    names = ", ".join(order.number for order in orders)
    messages.success(request, f"Drafted: {names}. Send them to place the orders.")
    return redirect(orders[0]) if len(orders) == 1 else redirect("inventory:purchase-orders")


@require_safe
@permission_required("backorders.view_stockoutwarning", raise_exception=True)
def stockouts(request: StaffRequest) -> HttpResponse:
    page = keyset_page(stockout_warnings(text=_text(request)), order=("-value", "pk"), query=request.GET)
    cover = cover_of(page.rows, today=timezone.localdate())
    context: dict[str, Any] = {
        "page": page,
        "rows": [(row, cover[row.pk]) for row in page.rows],
        "text": _text(request),
        "totals": warning_totals(),
        "run": latest_run(),
    }
    return render(request, "backorders/desk/purchasing/stockouts.html", context)


@require_safe
@permission_required("backorders.view_stockoutwarning", raise_exception=True)
def export_stockouts(request: StaffRequest) -> HttpResponseBase:
    return csv_response(f"stockouts-{timezone.localdate()}.csv", WARNING_COLUMNS, _warning_cells(_text(request)))


@require_POST
@permission_required("inventory.change_product", raise_exception=True)
def cap_backorders(request: StaffRequest, product_id: int) -> HttpResponse:
    """No more than so many units may wait from now on."""
    product, form = get_object_or_404(Product, pk=product_id), CapForm(request.POST)
    if form.is_valid():
        supply_version.cap_backorders(product_id=product.pk, limit=form.cleaned_data["limit"])
        messages.success(
            request,
            f"{product.sku}: backorders are limited to {counted(form.cleaned_data['limit'], 'unit')}.",
        )
    else:
        messages.warning(request, "Enter the maximum units on backorder: a whole number from 1.")
    return redirect("backorders:product-forecast", product.pk)


def _text(request: StaffRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:100]


def _state(request: StaffRequest) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in STATES else ProposalState.PROPOSED


def _proposal_cells(state: str, text: str) -> Iterator[tuple[Any, ...]]:
    for row in reorder_proposals(state=state, text=text).order_by("-urgency", "pk").iterator(chunk_size=2000):
        yield (
            *(row.product.sku, row.product.name, row.warehouse.code, row.supplier.name, row.state, row.quantity),
            *(row.needed, row.backorders, row.forecast, row.safety, row.on_hand, row.on_order, row.reorder_point),
            *(row.lead_days, row.review_days, row.value_class, row.percent, row.cost, row.currency, row.value),
            *(row.purchase_order.number if row.purchase_order else None, row.sentence),
        )


def _warning_cells(text: str) -> Iterator[tuple[Any, ...]]:
    rows = list(stockout_warnings(text=text).order_by("-value", "pk"))
    cover = cover_of(rows, today=timezone.localdate())
    for row in rows:
        days = cover[row.pk]
        yield (
            *(row.product.sku, row.product.name, row.warehouse.code, row.free, row.weekly),
            *(None if days is None else round(days, 1), row.within_7, row.within_14, row.within_30),
            *(row.missing, row.value, row.currency, row.next_supply_on, row.label),
        )
