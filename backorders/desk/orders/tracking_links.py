"""The customer's page of an order, as far as staff decide who may open it."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from backorders.letters import send_tracking_link as sending_links
from backorders.models import SalesOrder
from config.lib.replies import refusals_told
from config.lib.requests import StaffRequest


@require_POST
@permission_required("backorders.send_trackinglink", raise_exception=True)
def send_link(request: StaffRequest, order_id: int) -> HttpResponse:
    order = get_object_or_404(SalesOrder, pk=order_id)
    with refusals_told(request):
        sending_links.send_link(order_id=order.pk, by=request.user, now=timezone.now())
        messages.success(request, "A new tracking link will be emailed to the customer.")
    return redirect(order)


@require_POST
@permission_required("backorders.send_trackinglink", raise_exception=True)
def revoke_links(request: StaffRequest, order_id: int) -> HttpResponse:
    order = get_object_or_404(SalesOrder, pk=order_id)
    closed = sending_links.revoke_links(order_id=order.pk, by=request.user, now=timezone.now())
    messages.success(request, f"{closed} links were revoked. Send a new one if the customer needs it.")
    return redirect(order)
