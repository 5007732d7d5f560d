"""Policies side by side: choosing them, and what each would do."""

from collections.abc import Sequence

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from backorders.desk.runs.forms.runs import CompareForm
from backorders.models import Comparison
from backorders.runs.compare import Compared, compare_policies, compared
from config.lib import charts
from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest


@require_http_methods(["GET", "POST"])
@permission_required("backorders.simulate_allocation", raise_exception=True)
def new_comparison(request: StaffRequest) -> HttpResponse:
    form = CompareForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        warehouse = form.cleaned_data["warehouse"]
        with refusals_beside(form):
            comparison = compare_policies(
                policy_codes=[policy.code for policy in form.cleaned_data["policies"]],
                warehouse_id=warehouse.pk if warehouse else None,
                by=request.user,
                now=timezone.now(),
            )
            return redirect(comparison)
    return render(request, "backorders/desk/runs/new_comparison.html", {"form": form})


@require_safe
@permission_required("backorders.view_comparison", raise_exception=True)
def comparison(request: StaffRequest, comparison_id: int) -> HttpResponse:
    chosen = get_object_or_404(Comparison.objects.select_related("warehouse", "made_by"), pk=comparison_id)
    rows = compared(chosen)
    context = {
        "comparison": chosen,
        "rows": rows,
        "fairness": _fairness_chart(rows),
        "tiers": [(row, _tier_chart(row)) for row in rows],
    }
    return render(request, "backorders/desk/runs/comparison.html", context)


def _fairness_chart(rows: Sequence[Compared]) -> charts.Figure | None:
    """Fairness as a share of equal for all, the value released as a share of the most that any of them releases."""
    if not rows:
        return None
    most = max(_value(row) for row in rows) or 1
    return charts.bars(
        title="Fairness against value",
        unit="%",
        rows=[
            charts.BarValues(f"{row.name}, {what}", (round(share * 100),))
            for row in rows
            for what, share in (("fairness", row.figures["fairness"] or 0), ("value", _value(row) / most))
        ],
        series=("Share",),
    )


def _tier_chart(row: Compared) -> charts.Figure:
    """Who gains and who loses: units held by each tier before and after."""
    tiers = row.figures["tiers"]
    return charts.bars(
        title=f"Units by tier: {row.name}",
        unit="units",
        rows=[
            charts.BarValues(f"{tier}, {when}", (units,))
            for tier, before, after, _ in tiers
            for when, units in (("before", before), ("after", after))
        ],
        series=("Units",),
    )


def _value(row: Compared) -> float:
    return float(max(row.figures["values"].values(), default=0))
