"""What a person does with a run: apply, discard, approve, reject, roll back."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from backorders import tasks
from backorders.desk.runs.forms.runs import RunDecisionForm
from backorders.enums import RunStatus
from backorders.models import AllocationRun
from backorders.runs import approve as approving
from backorders.runs.allocate_stock import continue_run
from config.lib.enqueue import hint
from config.lib.replies import is_sound, refusals_told
from config.lib.requests import StaffRequest

SMALL = 2_000  # changed lines that a person may wait for


@require_POST
@permission_required("backorders.run_allocation", raise_exception=True)
def apply_run(request: StaffRequest, run_id: int) -> HttpResponse:
    run = applied = get_object_or_404(AllocationRun, pk=run_id)
    with refusals_told(request):
        applied = approving.apply_run(run_id=run.pk, by=request.user, now=timezone.now())
        if applied.status == RunStatus.AWAITING:
            messages.warning(request, f"{run} would push back promised dates and needs approval.")
        else:
            _go_on(applied, size=run.lines_changed)
            messages.success(request, f"{run} is applied by {applied}.")
    return redirect(applied)


@require_POST
@permission_required("backorders.simulate_allocation", raise_exception=True)
def discard_run(request: StaffRequest, run_id: int) -> HttpResponse:
    def discard(run: AllocationRun, note: str) -> AllocationRun:
        return approving.discard_run(run_id=run.pk, note=note, by=request.user, now=timezone.now())

    return _decided(request, run_id, discard, "{run} was discarded.")


@require_POST
@permission_required("backorders.approve_run", raise_exception=True)
def approve_run(request: StaffRequest, run_id: int) -> HttpResponse:
    def approve(run: AllocationRun, note: str) -> AllocationRun:
        applied = approving.approve_run(run_id=run.pk, note=note, by=request.user, now=timezone.now())
        _go_on(applied, size=run.lines_changed)
        return applied

    return _decided(request, run_id, approve, "{run} was approved.")


@require_POST
@permission_required("backorders.approve_run", raise_exception=True)
def reject_run(request: StaffRequest, run_id: int) -> HttpResponse:
    def reject(run: AllocationRun, note: str) -> AllocationRun:
        return approving.reject_run(run_id=run.pk, note=note, by=request.user, now=timezone.now())

    return _decided(request, run_id, reject, "{run} was rejected. Nothing changed.")


@require_POST
@permission_required("backorders.run_allocation", raise_exception=True)
def roll_back_run(request: StaffRequest, run_id: int) -> HttpResponse:
    def roll_back(run: AllocationRun, reason: str) -> AllocationRun:
        back = approving.roll_back_run(run_id=run.pk, reason=reason, by=request.user, now=timezone.now())
        _go_on(back, size=run.lines_changed)
        return back

    return _decided(request, run_id, roll_back, "{run} was rolled back.")


def _decided(
    request: StaffRequest, run_id: int, decide: Callable[[AllocationRun, str], AllocationRun], message: str
) -> HttpResponse:
    """The decision with its note; the page of the run that it leads to."""
    run, form = get_object_or_404(AllocationRun, pk=run_id), RunDecisionForm(request.POST)
    if is_sound(request, form):
        with refusals_told(request):
            outcome = decide(run, form.cleaned_data["note"])
            messages.success(request, message.format(run=run))
            return redirect(outcome)
    return redirect(run)


def _go_on(run: AllocationRun, *, size: int) -> None:
    """A small run is done while the person waits, a large one by the worker."""
    if size <= SMALL:
        continue_run(run_id=run.pk, now=timezone.now())
    else:
        hint(tasks.continue_runs)
