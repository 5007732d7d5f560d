from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from config.lib.keyset import keyset_page
from config.lib.numbers import line_value
from config.lib.replies import refusals_beside, refusals_told
from config.lib.requests import StaffRequest
from inventory.desk.forms.purchasing import (
    ConfirmForm,
    PurchaseLines,
    PurchaseOrderForm,
)
from inventory.enums import INBOUND_STATUSES
from inventory.models import PurchaseOrder
from inventory.purchasing.close import (
    CANCELLABLE_STATUSES,
    CLOSABLE_STATUSES,
    cancel_purchase_order,
    close_purchase_order,
)
from inventory.purchasing.dates import confirm_purchase_order
from inventory.purchasing.filters import PurchaseOrderFilters
from inventory.purchasing.order import create_purchase_order
from inventory.purchasing.queries import figures_of, purchase_orders_for_page
from inventory.purchasing.receive import RECEIVABLE_STATUSES
from inventory.suppliers.queries.answers import answers_waiting, exchanges_of
from inventory.suppliers.send import send_purchase_order


@require_GET
@permission_required("inventory.view_purchaseorder", raise_exception=True)
def purchase_orders(request: StaffRequest) -> HttpResponse:
    filters = PurchaseOrderFilters(request.GET, PurchaseOrder.objects.select_related("supplier", "warehouse"))
    page = keyset_page(filters.qs, order=["-pk"], query=request.GET)
    figures = figures_of(page.rows, today=filters.today)
    return render(
        request,
        "inventory/desk/purchase_orders.html",
        {
            "form": filters.form,
            "page": page,
            "rows": [(order, figures[order.pk]) for order in page.rows],
            "total": filters.qs.count(),
            "answers_waiting": answers_waiting(),
        },
    )


@permission_required("inventory.add_purchaseorder", raise_exception=True)
def new_purchase_order(request: StaffRequest) -> HttpResponse:
    form = PurchaseOrderForm(request.POST or None, initial={"supplier": request.GET.get("supplier", "")})
    lines = PurchaseLines(request.POST or None, prefix="lines", initial=_asked_for(request))
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        order = form.cleaned_data
        with refusals_beside(form):
            purchase_order = create_purchase_order(
                supplier_id=order["supplier"].pk,
                warehouse_id=order["warehouse"].pk,
                lines=lines.new_lines(),
                note=order["note"],
                key=order["key"],
                by=request.user,
                now=timezone.now(),
            )
            messages.success(request, f"{purchase_order} was saved as a draft.")
            return redirect(purchase_order)
    return render(request, "inventory/desk/purchase_order_form.html", {"form": form, "lines": lines})


def _asked_for(request: StaffRequest) -> list[dict[str, str]]:
    sku = request.GET.get("product", "")
    return [{"product": sku}] if sku and request.method == "GET" else []


@require_GET
@permission_required("inventory.view_purchaseorder", raise_exception=True)
def purchase_order(request: StaffRequest, purchase_order_id: int) -> HttpResponse:
    return _page(request, purchase_order_id)


def _page(request: StaffRequest, purchase_order_id: int, *, form: ConfirmForm | None = None) -> HttpResponse:
    """The order's page; `form` is a confirmation that was refused."""
    order = get_object_or_404(purchase_orders_for_page(), pk=purchase_order_id)
    lines, today = list(order.lines.all()), timezone.localdate()
    inbound = order.status in INBOUND_STATUSES
    unconfirmed = [line for line in lines if line.outstanding and line.confirmed_on is None] if inbound else []
    form = form or ConfirmForm(lines=unconfirmed, today=today)
    return render(
        request,
        "inventory/desk/purchase_order.html",
        {
            "purchase_order": order,
            "lines": [(line, form[f"line-{line.pk}"] if line in unconfirmed else None) for line in lines],
            "form": form,
            "today": today,
            "inbound": inbound,
            "unconfirmed": unconfirmed,
            "outstanding": sum(line.outstanding for line in lines),
            "value": sum(line_value(line.ordered, line.cost) for line in lines),
            "currency": _common({line.product.currency for line in lines}),
            "has_dates": any(line.date_changes.all() for line in lines),
            "can_be_cancelled": order.status in CANCELLABLE_STATUSES,
            "can_be_closed": order.status in CLOSABLE_STATUSES,
            "can_be_received": order.status in RECEIVABLE_STATUSES and any(line.receivable for line in lines),
            "can_lose_lines": inbound or order.status == "draft",
            "exchanges": exchanges_of(order, now=timezone.now()),
        },
    )


def _common(currencies: set[str]) -> str:
    """The currency of a sum, where its parts have one in common."""
    return currencies.pop() if len(currencies) == 1 else ""


@require_POST
@permission_required("inventory.confirm_purchaseorder", raise_exception=True)
def confirm(request: StaffRequest, purchase_order_id: int) -> HttpResponse:
    order = get_object_or_404(PurchaseOrder, pk=purchase_order_id)
    unconfirmed = order.lines.filter(confirmed_on__isnull=True).select_related("product").order_by("number")
    open_lines = [line for line in unconfirmed if line.outstanding]
    form = ConfirmForm(request.POST, lines=open_lines, today=timezone.localdate())
    if form.is_valid():
        with refusals_beside(form):
            confirm_purchase_order(purchase_order_id=order.pk, dates=form.dates(), by=request.user, now=timezone.now())
            messages.success(request, f"The supplier's dates for {order} are entered.")
            return redirect(order)
    return _page(request, order.pk, form=form)


@require_POST
@permission_required("inventory.send_purchaseorder", raise_exception=True)
def send(request: StaffRequest, purchase_order_id: int) -> HttpResponse:
    return _step(request, purchase_order_id, send_purchase_order, done="was sent; its lines are now incoming")


@require_POST
@permission_required("inventory.close_purchaseorder", raise_exception=True)
def close(request: StaffRequest, purchase_order_id: int) -> HttpResponse:
    return _step(request, purchase_order_id, close_purchase_order, done="was closed; nothing more is expected")


@require_POST
@permission_required("inventory.close_purchaseorder", raise_exception=True)
def cancel(request: StaffRequest, purchase_order_id: int) -> HttpResponse:
    return _step(request, purchase_order_id, cancel_purchase_order, done="is cancelled")


def _step(
    request: StaffRequest, purchase_order_id: int, step: Callable[..., PurchaseOrder], *, done: str
) -> HttpResponse:
    order = get_object_or_404(PurchaseOrder, pk=purchase_order_id)
    by: User = request.user
    now: datetime = timezone.now()
    with refusals_told(request):
        step(purchase_order_id=order.pk, by=by, now=now)
        messages.success(request, f"{order} {done}.")
    return redirect(order)
