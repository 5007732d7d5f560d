"""Why a line stands where it stands, and what would fill it."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.models import AllocationRun, OrderLine, RunResult
from backorders.runs.explain import explain_line
from backorders.runs.queries.run_results import told_results
from config.lib.requests import StaffRequest


@require_safe
@permission_required("backorders.view_allocationrun", raise_exception=True)
def explain(request: StaffRequest, line_id: int) -> HttpResponse:
    """By the default policy, or with `?run=` by that run's policy and beside what that run said."""
    line = get_object_or_404(
        OrderLine.objects.select_related("order__customer__tier", "product", "warehouse"), pk=line_id
    )
    run_id = request.GET.get("run", "")
    run = get_object_or_404(AllocationRun, pk=run_id) if run_id.isascii() and run_id.isdigit() else None
    result = RunResult.objects.filter(run_id=run.pk, line_id=line.pk).first() if run else None
    snapshot = run.policy_snapshot if run else None
    context = {
        "line": line,
        "run": run,
        "told": told_results([result])[0] if result else None,
        "explained": explain_line(line=line, snapshot=snapshot, now=timezone.now()) if line.is_open else None,
    }
    return render(request, "backorders/desk/runs/explanation.html", context)
