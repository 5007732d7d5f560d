"""How sure we want to be of which products, and what planners know of the market."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backorders.desk.purchasing.forms.planning import ServiceLevelsForm, StockingForm, TrendForm
from backorders.models import ForecastOverride, MarketTrend, ServiceLevel, StockingRule
from backorders.planning import forecast_overrides, service_levels
from backorders.planning.queries.demand import latest_run
from config.lib.csv import csv_response
from config.lib.keyset import keyset_page
from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest

OVERRIDES_SHOWN = 50


@require_safe
@permission_required("backorders.view_servicelevel", raise_exception=True)
def planning(request: StaffRequest) -> HttpResponse:
    return _page(request)


@require_safe
@permission_required("backorders.view_servicelevel", raise_exception=True)
def export_stocking_rules(request: StaffRequest) -> HttpResponseBase:
    columns = ["sku", "product", "class", "service_level_percent", "discontinued"]
    names = ("product__sku", "product__name", "value_class", "percent", "discontinued")
    rows = _set_by_hand().order_by("product__sku").values_list(*names)
    return csv_response(f"set-by-hand-{timezone.localdate()}.csv", columns, rows.iterator())


@require_POST
@permission_required("backorders.change_servicelevel", raise_exception=True)
def set_service_levels(request: StaffRequest) -> HttpResponse:
    form = ServiceLevelsForm(request.POST, prefix="levels")
    if form.is_valid():
        with refusals_beside(form):
            changed = service_levels.set_service_levels(percent=form.percent())
            messages.success(request, "Used from tonight's proposals on." if changed else "Nothing was changed.")
            return redirect("backorders:planning")
    return _page(request, levels_form=form)


@require_POST
@permission_required("backorders.change_markettrend", raise_exception=True)
def set_trend(request: StaffRequest) -> HttpResponse:
    form = TrendForm(request.POST, prefix="trend")
    if form.is_valid():
        values = form.cleaned_data | {"category_id": form.cleaned_data["category"].pk}
        del values["category"]
        with refusals_beside(form):
            trend = forecast_overrides.set_trend(now=timezone.now(), **values)
            messages.success(request, f"{trend} until {trend.until_on:%-d %b %Y}, from tonight's forecast on.")
            return redirect("backorders:planning")
    return _page(request, trend_form=form)


@require_POST
@permission_required("backorders.delete_markettrend", raise_exception=True)
def end_trend(request: StaffRequest, trend_id: int) -> HttpResponse:
    forecast_overrides.end_trend(trend_id=trend_id)
    messages.success(request, "Ended. From tonight the forecast uses history only.")
    return redirect("backorders:planning")


@require_POST
@permission_required("backorders.change_stockingrule", raise_exception=True)
def set_stocking_rule(request: StaffRequest) -> HttpResponse:
    form = StockingForm(request.POST, prefix="stocking")
    if form.is_valid():
        values = form.cleaned_data | {"product_id": form.cleaned_data["product"].pk}
        product = values.pop("product")
        with refusals_beside(form):
            service_levels.set_stocking_rule(**values)
            messages.success(request, f"{product.sku}: used from tonight's proposals on.")
            return redirect("backorders:planning")
    return _page(request, stocking_form=form)


def _page(
    request: StaffRequest,
    *,
    levels_form: ServiceLevelsForm | None = None,
    trend_form: TrendForm | None = None,
    stocking_form: StockingForm | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    refused: list[Form] = [form for form in (levels_form, trend_form, stocking_form) if form]
    levels = dict(ServiceLevel.objects.values_list("value_class", "percent"))
    standing = ForecastOverride.objects.filter(Q(until_on__gte=today), withdrawn_at__isnull=True)
    context: dict[str, Any] = {
        "today": today,
        "run": latest_run(),
        "levels_form": levels_form
        or ServiceLevelsForm(prefix="levels", initial={name.lower(): percent for name, percent in levels.items()}),
        "trend_form": trend_form or TrendForm(prefix="trend"),
        "stocking_form": stocking_form or StockingForm(prefix="stocking"),
        "trends": MarketTrend.objects.select_related("category").order_by("category__name"),
        "page": keyset_page(_set_by_hand().select_related("product"), order=("-pk",), query=request.GET),
        "overrides": standing.select_related("product", "warehouse", "made_by").order_by("-pk")[:OVERRIDES_SHOWN],
    }
    return render(request, "backorders/desk/purchasing/planning.html", context, status=422 if refused else 200)


def _set_by_hand() -> QuerySet[StockingRule]:
    return StockingRule.objects.exclude(value_class="", percent__isnull=True, discontinued=False)
