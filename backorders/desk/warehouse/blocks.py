"""Pools that are not picked until somebody settles who loses."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from backorders.desk.runs.forms.overrides import SettleForm
from backorders.fulfilment.shortages import accept_losers, choose_losers
from backorders.models import PoolBlock
from backorders.runs.overrides.override import movable_units
from backorders.runs.queries.blocks import lines_in_block, unsettled_blocks
from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest


@require_safe
@permission_required("backorders.view_poolblock", raise_exception=True)
def blocks(request: StaffRequest) -> HttpResponse:
    return render(
        request, "backorders/desk/warehouse/blocks.html", {"blocks": unsettled_blocks().order_by("made_at", "pk")[:200]}
    )


@require_http_methods(["GET", "POST"])
@permission_required("backorders.view_poolblock", raise_exception=True)
def block(request: StaffRequest, block_id: int) -> HttpResponse:
    """Who lost, who holds; whoever may override settles it here."""
    stock_block = get_object_or_404(
        PoolBlock.objects.select_related("stock_level__product", "stock_level__warehouse", "settled_by"), pk=block_id
    )
    rows = lines_in_block(stock_block, movable=movable_units(stock_block.stock_level))
    may = request.user.has_perm("backorders.override_allocation") and not stock_block.settled_at
    form = SettleForm(request.POST if request.method == "POST" and may else None, rows=rows)
    if form.is_valid():
        arguments = {
            "block_id": stock_block.pk,
            "note": form.cleaned_data["note"],
            "by": request.user,
            "now": timezone.now(),
        }
        with refusals_beside(form):
            if "accept" in request.POST:
                accept_losers(**arguments)
            else:
                choose_losers(keeps=form.keeps, **arguments)
            messages.success(request, f"{stock_block.stock_level} can be picked again.")
            return redirect("backorders:blocks")
    fields = [(row, None if row.guest else form[f"line_{row.line.pk}"]) for row in rows]
    context = {"blocked": stock_block, "form": form, "rows": fields, "may": may}
    return render(request, "backorders/desk/warehouse/block.html", context)
