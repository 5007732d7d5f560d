"""Quotas: the stock that is kept for a tier, a customer or a channel."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from backorders.desk.policies.forms.quotas import QuotaForm
from backorders.errors import QuotaRefused
from backorders.models import Quota
from backorders.runs.quotas import end_quota, keep_stock
from config.lib.keyset import keyset_page
from config.lib.requests import StaffRequest


@require_http_methods(["GET", "POST"])
@permission_required("backorders.view_quota", raise_exception=True)
def quotas(request: StaffRequest) -> HttpResponse:
    """All quotas, the newest first; whoever may, makes another one."""
    today, may_keep = timezone.localdate(timezone.now()), request.user.has_perm("backorders.add_quota")
    form = QuotaForm(request.POST or None, initial={"starts_on": today})
    if request.method == "POST" and not may_keep:
        return HttpResponse("You don't have permission to reserve stock.", status=403, content_type="text/plain")
    if form.is_valid():
        try:
            quota = keep_stock(quota=form.as_quota(), by=request.user, now=timezone.now())
        except QuotaRefused as refused:
            form.refuse(refused.by_field.items())
        else:
            messages.success(request, f"{quota} is kept. The next run uses it.")
            return redirect("backorders:quotas")
    rows = Quota.objects.select_related("product", "category", "tier", "customer", "made_by", "ended_by")
    page = keyset_page(rows, order=("-pk",), query=request.GET)
    context = {
        "page": page,
        "rows": [(quota, _state(quota, today)) for quota in page.rows],
        "form": form,
        "may_keep": may_keep,
    }
    return render(request, "backorders/desk/policies/quotas.html", context, status=422 if form.errors else 200)


@require_POST
@permission_required("backorders.change_quota", raise_exception=True)
def end(request: StaffRequest, quota_id: int) -> HttpResponse:
    quota = get_object_or_404(Quota, pk=quota_id)
    end_quota(quota_id=quota.pk, by=request.user, now=timezone.now())
    messages.success(request, f"{quota} has ended. Its stock is free for everyone.")
    return redirect("backorders:quotas")


def _state(quota: Quota, today: date) -> tuple[str, str]:
    if quota.ended_at:
        return "cancelled", "Ended"
    if quota.keeps_on(today):
        return "active", "Active"
    return ("waiting", "Not yet") if quota.starts_on > today else ("inactive", "Released")
