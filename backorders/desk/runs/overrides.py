"""Pin, hold, set, move: looked at first, then done, and undone."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backorders.desk.runs.forms.overrides import OverrideForm, UndoOverrideForm
from backorders.enums import OverrideKind
from backorders.models import LineOverride, OrderLine
from backorders.runs.overrides.outcomes import Wish
from backorders.runs.overrides.override import end_override, override_line
from backorders.runs.overrides.preview import preview_override
from config.lib.keyset import keyset_page
from config.lib.replies import is_sound, refusals_beside, refusals_told
from config.lib.requests import StaffRequest

GIVERS_SHOWN = 200


@require_http_methods(["GET", "POST"])
@permission_required("backorders.override_allocation", raise_exception=True)
def override(request: StaffRequest, line_id: int) -> HttpResponse:
    """The form; sent once it shows what would happen, confirmed it happens."""
    line = get_object_or_404(OrderLine.objects.select_related("order__customer", "product", "warehouse"), pk=line_id)
    form = OverrideForm(
        request.POST or None, givers=_givers(line), initial={"kind": OverrideKind.PIN, "units": line.missing}
    )
    effects = None
    if form.is_valid():
        wish = Wish(line_id=line.pk, **form.cleaned_data | {"kind": OverrideKind(form.cleaned_data["kind"])})
        with refusals_beside(form):
            if "confirm" in request.POST:
                done = override_line(wish=wish, by=request.user, now=timezone.now())
                messages.success(request, f"Done: {done.get_kind_display().lower()}. Runs respect it.")
                return redirect(line.order)
            effects = preview_override(wish=wish, now=timezone.now())
    context = {
        "line": line,
        "form": form,
        "effects": effects,
        "active": line.overrides.active().select_related("made_by", "from_line__order").order_by("pk"),
    }
    return render(request, "backorders/desk/runs/override.html", context)


@require_POST
@permission_required("backorders.override_allocation", raise_exception=True)
def undo_override(request: StaffRequest, override_id: int) -> HttpResponse:
    override = get_object_or_404(LineOverride.objects.select_related("line__order"), pk=override_id)
    form = UndoOverrideForm(request.POST)
    if is_sound(request, form):
        with refusals_told(request):
            end_override(
                override_id=override.pk, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
            messages.success(request, "Undone. The next run decides again.")
    return redirect(override.line.order)


@require_safe
@permission_required("backorders.view_lineoverride", raise_exception=True)
def overrides(request: StaffRequest) -> HttpResponse:
    """Everything that is fixed against the queues now, newest first."""
    rows = LineOverride.objects.active().filter(line__is_open=True)
    rows = rows.select_related("line__order__customer", "line__product", "made_by", "from_line__order")
    return render(
        request, "backorders/desk/runs/overrides.html", {"page": keyset_page(rows, order=("-pk",), query=request.GET)}
    )


def _givers(line: OrderLine) -> list[tuple[int, str]]:
    """Lines of the same pool that hold units."""
    holding = OrderLine.objects.open().filter(product=line.product, warehouse=line.warehouse, allocated__gt=0)
    rows = holding.exclude(pk=line.pk).select_related("order__customer").order_by("-allocated", "pk")[:GIVERS_SHOWN]
    return [(row.pk, f"{row} · {row.order.customer.name} · {row.allocated} allocated") for row in rows]
