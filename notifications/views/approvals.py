"""Bulk sends that wait for a person, and addresses that are not written to."""

from django.contrib import messages as flash
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from config.lib.keyset import keyset_page
from config.lib.replies import refusals_told
from config.lib.requests import StaffRequest
from config.lib.text import counted
from notifications.filters import SuppressionFilters
from notifications.forms import ReasonForm
from notifications.models import Batch, Suppression
from notifications.queries import bulk_sends, suppression_list
from notifications.services.batches import approve_batch, reject_batch
from notifications.services.suppressions import lift_suppression


@require_GET
@permission_required("notifications.view_batch", raise_exception=True)
def approvals(request: StaffRequest) -> HttpResponse:
    return render(request, "notifications/approvals.html", {"waiting": bulk_sends(), "form": ReasonForm()})


@require_POST
@permission_required("notifications.approve_batch", raise_exception=True)
def approve(request: StaffRequest, batch_id: int) -> HttpResponse:
    get_object_or_404(Batch, pk=batch_id)
    with refusals_told(request):
        batch = approve_batch(batch_id=batch_id, by=request.user, now=timezone.now())
        flash.success(request, f"{counted(batch.held, 'email')} approved and queued.")
    return redirect("notifications:approvals")


@require_POST
@permission_required("notifications.approve_batch", raise_exception=True)
def reject(request: StaffRequest, batch_id: int) -> HttpResponse:
    get_object_or_404(Batch, pk=batch_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        flash.error(request, "Enter a reason of one line.")
        return redirect("notifications:approvals")
    with refusals_told(request):
        batch = reject_batch(batch_id=batch_id, by=request.user, now=timezone.now(), note=form.cleaned_data["reason"])
        flash.success(request, f"{counted(batch.held, 'email')} rejected. They stay on record with your reason.")
    return redirect("notifications:approvals")


@require_GET
@permission_required("notifications.view_suppression", raise_exception=True)
def suppressions(request: StaffRequest) -> HttpResponse:
    filters = SuppressionFilters(request.GET, suppression_list())
    page = keyset_page(filters.qs, order=["-pk"], query=request.GET)
    return render(request, "notifications/suppressions.html", {"form": filters.form, "page": page})


@require_POST
@permission_required("notifications.change_suppression", raise_exception=True)
def lift(request: StaffRequest, suppression_id: int) -> HttpResponse:
    get_object_or_404(Suppression, pk=suppression_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        flash.error(request, "Enter a reason of one line.")
        return redirect("notifications:suppressions")
    with refusals_told(request):
        suppression = lift_suppression(
            suppression_id=suppression_id, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
        )
        flash.success(request, f"{suppression.address} gets emails again.")
    return redirect("notifications:suppressions")
