"""Who waits for a product, and putting its stock right."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backorders.desk.warehouse.forms.stock import AdjustForm, CountForm
from backorders.fulfilment import stock_corrections
from backorders.models import AllocationPolicy, OrderLine
from backorders.queue.place import product_queues
from config.lib.errors import DomainError
from config.lib.requests import StaffRequest
from inventory.models import Product
from inventory.stock.queries import incoming_lines, stock_by_warehouse

SHOWN_PER_WAREHOUSE = 50


@require_GET
@permission_required("backorders.view_orderline", raise_exception=True)
def product_queue(request: StaffRequest, product_id: int) -> HttpResponse:
    return _page(request, _product(product_id), CountForm(prefix="count"), AdjustForm(prefix="adjust"))


@require_POST
@permission_required("backorders.correct_stock", raise_exception=True)
def count_stock(request: StaffRequest, product_id: int) -> HttpResponse:
    product, form = _product(product_id), CountForm(request.POST, prefix="count")
    if _corrects(
        request, product, form, stock_corrections.count_stock, "Counted: {counted:,} × {product} in {warehouse}."
    ):
        return redirect("backorders:product-queue", product.pk)
    return _page(request, product, form, AdjustForm(prefix="adjust"))


@require_POST
@permission_required("backorders.correct_stock", raise_exception=True)
def adjust_stock(request: StaffRequest, product_id: int) -> HttpResponse:
    product, form = _product(product_id), AdjustForm(request.POST, prefix="adjust")
    if _corrects(
        request, product, form, stock_corrections.adjust_stock, "Adjusted: {delta:+,} × {product} in {warehouse}."
    ):
        return redirect("backorders:product-queue", product.pk)
    return _page(request, product, CountForm(prefix="count"), form)


def _corrects(
    request: StaffRequest, product: Product, form: forms.Form, correction: Callable[..., Any], said: str
) -> bool:
    """Whether the form's correction is booked; where it is refused, the form says why."""
    if not form.is_valid():
        return False
    values = dict(form.cleaned_data)
    warehouse = values.pop("warehouse")
    try:
        correction(product_id=product.pk, warehouse_id=warehouse.pk, **values, by=request.user, now=timezone.now())
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, said.format(product=product.sku, warehouse=warehouse, **values))
    return True


def _product(product_id: int) -> Product:
    return get_object_or_404(Product.objects.select_related("category"), pk=product_id)


def _page(request: StaffRequest, product: Product, count: forms.Form, adjust: forms.Form) -> HttpResponse:
    now = timezone.now()
    incoming = incoming_lines(product.pk)
    stock = stock_by_warehouse(product.pk, incoming)
    queues = product_queues(product_id=product.pk, shown=SHOWN_PER_WAREHOUSE, now=now)
    lines = OrderLine.objects.select_related("order__customer__tier", "product", "warehouse").in_bulk(
        [pk for queue in queues for pk in queue.first]
    )
    context: dict[str, Any] = {
        "product": product,
        "stock": stock,
        "totals": {
            "on_hand": sum(row.stock.on_hand for row in stock),
            "reserved": sum(row.stock.reserved for row in stock),
            "available": sum(row.stock.available for row in stock),
            "incoming": sum(row.stock.incoming for row in stock),
            "missing": sum(queue.missing for queue in queues),
        },
        "incoming": incoming,
        "queues": [
            {
                "warehouse": lines[queue.first[0]].warehouse,
                "lines": [lines[pk] for pk in queue.first],
                "more": queue.length - len(queue.first),
                "open": queue.open,
                "missing": queue.missing,
            }
            for queue in queues
        ],
        "policy": AllocationPolicy.objects.get(is_default=True),
        "count_form": count,
        "adjust_form": adjust,
        "today": timezone.localdate(now),
    }
    return render(request, "backorders/desk/warehouse/product_queue.html", context)
