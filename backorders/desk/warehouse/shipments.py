"""Pick lists and what becomes of them."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backorders.desk.warehouse.forms.shipments import ShipForm
from backorders.enums import ShipmentStatus
from backorders.fulfilment import ship
from backorders.fulfilment.queries.filters import ShipmentFilters
from backorders.fulfilment.queries.shipments import PickedLine, picked_lines, sizes_of
from backorders.models import Shipment
from config.lib.keyset import keyset_page
from config.lib.replies import refusals_beside, refusals_told
from config.lib.requests import StaffRequest

TABS = [
    (ShipmentStatus.PICKING.value, "To pick and ship"),
    (ShipmentStatus.SHIPPED.value, "Shipped"),
    (ShipmentStatus.CANCELLED.value, "Cancelled"),
]


@require_GET
@permission_required("backorders.view_shipment", raise_exception=True)
def shipments(request: StaffRequest) -> HttpResponse:
    filters = ShipmentFilters(request.GET, _with_people())
    status = filters.chosen.get("status", ShipmentStatus.PICKING.value)
    oldest_first = status == ShipmentStatus.PICKING
    order = ("pk",) if oldest_first else ("-pk",)
    page = keyset_page(filters.qs.filter(status=status), order=order, query=request.GET)
    sizes = sizes_of(page.rows)
    rows = [(shipment, *sizes[shipment.pk]) for shipment in page.rows]
    context = {"rows": rows, "page": page, "status": status, "tabs": TABS, "text": filters.chosen.get("q", "")}
    return render(request, "backorders/desk/warehouse/shipments.html", context)


@require_GET
@permission_required("backorders.view_shipment", raise_exception=True)
def shipment(request: StaffRequest, shipment_id: int) -> HttpResponse:
    shipment = _shipment(shipment_id)
    picked = picked_lines(shipment)
    return _page(request, shipment, picked, ShipForm(picked=picked))


@require_POST
@permission_required("backorders.ship_order", raise_exception=True)
def ship_goods(request: StaffRequest, shipment_id: int) -> HttpResponse:
    shipment = _shipment(shipment_id)
    picked = picked_lines(shipment)
    form = ShipForm(request.POST, picked=picked)
    if form.is_valid():
        with refusals_beside(form):
            ship.ship(
                shipment_id=shipment.pk,
                carrier=form.cleaned_data["carrier"],
                tracking_number=form.cleaned_data["tracking_number"],
                quantities=form.quantities,
                by=request.user,
                now=timezone.now(),
            )
            reached = (
                "the customer will be emailed" if shipment.order.customer.email else "the customer has no email address"
            )
            messages.success(request, f"{shipment} was shipped; {reached}.")
            return redirect(shipment.order)
    return _page(request, shipment, picked, form)


@require_POST
@permission_required("backorders.pick_order", raise_exception=True)
def cancel_pick(request: StaffRequest, shipment_id: int) -> HttpResponse:
    shipment = _shipment(shipment_id)
    with refusals_told(request):
        ship.cancel_pick(shipment_id=shipment.pk, by=request.user, now=timezone.now())
        messages.success(request, f"{shipment} is cancelled; its units stay with the order.")
    return redirect(shipment.order)


def _shipment(shipment_id: int) -> Shipment:
    return get_object_or_404(_with_people(), pk=shipment_id)


def _with_people() -> QuerySet[Shipment]:
    return Shipment.objects.select_related("order__customer", "warehouse", "picked_by")


def _page(request: StaffRequest, shipment: Shipment, picked: list[PickedLine], form: ShipForm) -> HttpResponse:
    context = {
        "shipment": shipment,
        "rows": [(row, form[form.names[row.line_id]]) for row in picked],
        "form": form,
        "units": sum(row.units for row in picked),
        "is_picking": shipment.status == ShipmentStatus.PICKING,
    }
    return render(request, "backorders/desk/warehouse/shipment.html", context)
