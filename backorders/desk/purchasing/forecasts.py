"""A product's demand and forecast, and what people know better."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backorders.desk.purchasing.forms.forecasts import ForecastOverrideForm, MarkForm
from backorders.models import ForecastOverride
from backorders.planning import demand, forecast_overrides
from backorders.planning.queries.forecast_page import (
    PoolOutlook,
    pool_outlooks,
    proposals_of,
    standing_overrides,
    warnings_of,
)
from config.lib import charts
from config.lib.errors import DomainError
from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest
from config.lib.text import counted
from inventory.models import Product
from inventory.stock.queries import incoming_lines, stock_by_warehouse


@require_safe
@permission_required("backorders.view_forecast", raise_exception=True)
def product_forecast(request: StaffRequest, product_id: int) -> HttpResponse:
    return _page(request, _product(product_id), ForecastOverrideForm(prefix="override"), MarkForm(prefix="mark"))


@require_POST
@permission_required("backorders.plan_demand", raise_exception=True)
def override_forecast(request: StaffRequest, product_id: int) -> HttpResponse:
    product, form = _product(product_id), ForecastOverrideForm(request.POST, prefix="override")
    if form.is_valid():
        values = form.cleaned_data | {"warehouse_id": form.cleaned_data["warehouse"].pk}
        del values["warehouse"]
        with refusals_beside(form):
            override = forecast_overrides.override_forecast(
                product_id=product.pk, by=request.user, now=timezone.now(), **values
            )
            messages.success(
                request, f"{override.weekly:,} a week until {override.until_on:%-d %b %Y}, from tonight on."
            )
            return redirect("backorders:product-forecast", product.pk)
    return _page(request, product, form, MarkForm(prefix="mark"))


@require_POST
@permission_required("backorders.plan_demand", raise_exception=True)
def withdraw_override(request: StaffRequest, override_id: int) -> HttpResponse:
    override = get_object_or_404(ForecastOverride, pk=override_id)
    try:
        forecast_overrides.withdraw_override(override_id=override.pk, now=timezone.now())
    except DomainError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "Withdrawn. From tonight on the numbers count again.")
    return redirect("backorders:product-forecast", override.product_id)


@require_POST
@permission_required("backorders.mark_demand", raise_exception=True)
def mark_demand(request: StaffRequest, product_id: int) -> HttpResponse:
    product, form = _product(product_id), MarkForm(request.POST, prefix="mark")
    if form.is_valid():
        values = form.cleaned_data | {"warehouse_id": form.cleaned_data["warehouse"].pk}
        del values["warehouse"]
        with refusals_beside(form):
            week = demand.mark_demand(product_id=product.pk, by=request.user, now=timezone.now(), **values)
            messages.success(
                request, f"Week of {week.starts_on:%-d %b %Y}: {counted(week.usual, 'unit is,units are')} usual demand."
            )
            return redirect("backorders:product-forecast", product.pk)
    return _page(request, product, ForecastOverrideForm(prefix="override"), form)


def _product(product_id: int) -> Product:
    return get_object_or_404(Product.objects.select_related("category"), pk=product_id)


def _page(request: StaffRequest, product: Product, override: ForecastOverrideForm, mark: MarkForm) -> HttpResponse:
    today = timezone.localdate()
    incoming = incoming_lines(product.pk)
    outlooks = pool_outlooks(product, stock_by_warehouse(product.pk, incoming), incoming, today=today)
    context: dict[str, Any] = {
        "product": product,
        "today": today,
        "outlooks": [
            (outlook, _demand_chart(outlook, product), _stock_chart(outlook, product)) for outlook in outlooks
        ],
        "marked": [week for outlook in outlooks for week in outlook.weeks if week.mark],
        "overrides": standing_overrides(product.pk, today=today),
        "proposals": proposals_of(product.pk),
        "warnings": warnings_of(product.pk),
        "override_form": override,
        "mark_form": mark,
    }
    return render(request, "backorders/desk/purchasing/product_forecast.html", context)


def _demand_chart(outlook: PoolOutlook, product: Product) -> charts.Figure:
    return charts.fan(
        title=f"Demand a week, {outlook.stock.warehouse.code}",
        unit=product.unit,
        history=outlook.history,
        expected=outlook.expected,
        band=outlook.band,
    )


def _stock_chart(outlook: PoolOutlook, product: Product) -> charts.Figure | None:
    if not outlook.projection or outlook.forecast is None:
        return None
    return charts.fan(
        title=f"Free units without further purchases, {outlook.stock.warehouse.code}",
        unit=product.unit,
        expected=outlook.projection,
        band=outlook.projection_band,
        marks=[("P95 of the lead time's demand", round(outlook.forecast.lead_quantiles[3], 1))],
        expected_name="free units",
        band_name="if demand is high (P90)",
    )
