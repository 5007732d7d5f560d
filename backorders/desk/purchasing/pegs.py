"""Goods on their way that are meant for one order line."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from backorders.desk.purchasing.forms.pegs import PegForm
from backorders.models import OrderLine, Peg
from backorders.runs.overrides.pegs import end_peg, peg_supply
from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest
from config.lib.text import counted


@require_http_methods(["GET", "POST"])
@permission_required("backorders.peg_supply", raise_exception=True)
def peg_line(request: StaffRequest, line_id: int) -> HttpResponse:
    """The pegs of a line, and another one."""
    lines = OrderLine.objects.select_related("order", "product", "warehouse")
    line = get_object_or_404(lines, pk=line_id)
    form = PegForm(request.POST or None, line=line, initial={"purchase_line": request.GET.get("goods")})
    if form.is_valid():
        chosen = form.cleaned_data
        with refusals_beside(form):
            peg = peg_supply(
                line_id=line.pk,
                purchase_line_id=chosen["purchase_line"].pk,
                units=chosen["units"],
                reason=chosen["reason"],
                by=request.user,
                now=timezone.now(),
            )
            units = counted(peg.units, "unit")
            messages.success(request, f"{line} gets {units} from {peg.purchase_line.purchase_order}.")
            return redirect("backorders:peg-line", line.pk)
    pegs = line.pegs.select_related("purchase_line__purchase_order", "made_by", "run").order_by("-pk")
    context = {"line": line, "form": form, "pegs": pegs}
    return render(request, "backorders/desk/purchasing/peg_line.html", context, status=422 if form.errors else 200)


@require_POST
@permission_required("backorders.peg_supply", raise_exception=True)
def end(request: StaffRequest, peg_id: int) -> HttpResponse:
    peg = get_object_or_404(Peg, pk=peg_id)
    end_peg(peg_id=peg.pk, by=request.user, now=timezone.now())
    messages.success(request, "The reservation has ended. The goods go to the queue again.")
    return redirect("backorders:peg-line", peg.line_id)
