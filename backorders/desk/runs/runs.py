"""Runs: the list, one run with its results, and starting one by hand."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backorders import tasks
from backorders.decisions.queries.questions import freeable_units
from backorders.desk.runs.forms.runs import NewRunForm
from backorders.engine.policy.words import policy_in_words
from backorders.enums import RunKind, RunStatus
from backorders.models import AllocationRun, OrderLine
from backorders.queue.compiled_policy import definition_of
from backorders.runs.allocate_stock import allocate_stock, retry_run, start_run
from backorders.runs.approve import ROLLED_BACK_KINDS
from backorders.runs.guard import objections_to
from backorders.runs.queries.filters import RESULTS, ResultFilters, RunFilters
from backorders.runs.queries.run_results import CSV_COLUMNS, result_cells, segment_names, told_results
from backorders.runs.reapply import stale_pools
from config.lib.csv.writing import csv_response
from config.lib.enqueue import hint
from config.lib.keyset import keyset_page
from config.lib.replies import refusals_beside, refusals_told
from config.lib.requests import StaffRequest

SMALL = 5_000  # open lines that a person may wait for
LOOKED_THROUGH = 2_000  # changed lines whose queues a page looks at again
SKIPS_SHOWN = 50
BY_LINE, BY_QUEUE = ("line_id",), ("product_id", "warehouse_id", "rank")


@require_GET
@permission_required("backorders.view_allocationrun", raise_exception=True)
def runs(request: StaffRequest) -> HttpResponse:
    filters = RunFilters(request.GET, AllocationRun.objects.select_related("warehouse", "started_by"))
    page = keyset_page(filters.qs, order=("-pk",), query=request.GET)
    context = {"page": page, "kinds": RunKind.choices, **filters.chosen}
    return render(request, "backorders/desk/runs/runs.html", context)


@require_GET
@permission_required("backorders.view_allocationrun", raise_exception=True)
def run(request: StaffRequest, run_id: int) -> HttpResponse:
    run = _run(run_id)
    filters = ResultFilters(request.GET, run)
    text = filters.chosen.get("q", "")
    # Of one product the queue is what a person wants to see; of all of them, only the line is indexed.
    page = keyset_page(filters.qs, order=BY_QUEUE if text else BY_LINE, query=request.GET)
    context = _progress(run) | {
        "policy_words": _words(run),
        "results": told_results(page.rows, run=run),
        "segments": list(enumerate(segment_names(run))),
        "segment": filters.form.cleaned_data.get("segment"),
        "weighed": run.kind == RunKind.SIMULATION or run.held,
        "skips": run.skips.select_related("product", "warehouse").order_by("pk")[:SKIPS_SHOWN],
        "followers": run.followers.order_by("pk"),
        "decision": _decision(request, run),
        "page": page,
        "tabs": [(value, label, _count(run, value)) for value, label in RESULTS],
        "show": filters.show,
        "text": text,
    }
    return render(request, "backorders/desk/runs/run.html", context)


@require_GET
@permission_required("backorders.view_allocationrun", raise_exception=True)
def export_run(request: StaffRequest, run_id: int) -> HttpResponseBase:
    """The results of the filter as CSV."""
    run = _run(run_id)
    return csv_response(f"run-{run.pk}.csv", CSV_COLUMNS, result_cells(run, ResultFilters(request.GET, run).qs))


@require_GET
@permission_required("backorders.view_allocationrun", raise_exception=True)
def run_progress(request: StaffRequest, run_id: int) -> HttpResponse:
    """The bar of a run that is under way; the page is loaded anew once it has ended."""
    run = _run(run_id)
    response = render(request, "backorders/desk/runs/_run_progress.html", _progress(run))
    if run.status != RunStatus.RUNNING:
        response["HX-Refresh"] = "true"
    return response


@require_http_methods(["GET", "POST"])
def new_run(request: StaffRequest) -> HttpResponse:
    """Simulating and applying are two permissions; whoever has neither has no business here."""
    may_apply = request.user.has_perm("backorders.run_allocation")
    may_simulate = request.user.has_perm("backorders.simulate_allocation")
    if not may_apply and not may_simulate:
        raise PermissionDenied
    form = NewRunForm(request.POST or None, may_apply=may_apply, may_simulate=may_simulate)
    if form.is_valid():
        with refusals_beside(form):
            return redirect(_begin(request, form))
    context = {"form": form, "freeable": freeable_units(), "questions_url": reverse("backorders:questions")}
    return render(request, "backorders/desk/runs/new_run.html", context)


@require_POST
@permission_required("backorders.run_allocation", raise_exception=True)
def retry(request: StaffRequest, run_id: int) -> HttpResponse:
    run = get_object_or_404(AllocationRun, pk=run_id)
    with refusals_told(request):
        retry_run(run_id=run.pk)
        hint(tasks.continue_runs)
        messages.success(request, f"{run} was resumed.")
    return redirect(run)


def _begin(request: StaffRequest, form: NewRunForm) -> AllocationRun:
    """A small desk is served while the person waits, a large one by the worker."""
    warehouse = form.cleaned_data["warehouse"]
    arguments: dict[str, Any] = {
        "kind": RunKind(form.cleaned_data["kind"]),
        "policy_code": form.cleaned_data["policy"].code,
        "warehouse_id": warehouse.pk if warehouse else None,
        "by": request.user,
        "now": timezone.now(),
    }
    if OrderLine.objects.open()[: SMALL + 1].count() <= SMALL:
        return allocate_stock(**arguments)
    run = start_run(**arguments)
    tasks.share_run(run)
    return run


def _decision(request: StaffRequest, run: AllocationRun) -> dict[str, Any]:
    """What this person may do with the run now, and what speaks against it."""
    simulated = run.kind == RunKind.SIMULATION and run.status == RunStatus.FINISHED and not run.followers.exists()
    applied = run.kind in ROLLED_BACK_KINDS and run.status == RunStatus.FINISHED and run.lines_changed > 0
    may = request.user.has_perm
    return {
        "apply": simulated and may("backorders.run_allocation"),
        "discard": simulated and may("backorders.simulate_allocation"),
        "approve": run.status == RunStatus.AWAITING and may("backorders.approve_run"),
        "own": run.started_by_id == request.user.pk,
        "roll_back": applied and may("backorders.run_allocation"),
        "objections": objections_to(run) if simulated or run.status == RunStatus.AWAITING else [],
        "stale": stale_pools(run) if simulated and run.lines_changed <= LOOKED_THROUGH else [],
    }


def _run(run_id: int) -> AllocationRun:
    return get_object_or_404(
        AllocationRun.objects.select_related("warehouse", "started_by", "decided_by", "source_run"), pk=run_id
    )


def _progress(run: AllocationRun) -> dict[str, Any]:
    total = run.shards.count()
    done = run.shards.filter(done_at__isnull=False).count()
    return {"run": run, "shards": total, "shards_done": done, "running": run.status == RunStatus.RUNNING}


def _words(run: AllocationRun) -> str:
    return policy_in_words(definition_of(run.policy_snapshot))


def _count(run: AllocationRun, show: str) -> int | None:
    """Only what the run's row knows: counting a million results is not worth a tab."""
    return {"changed": run.lines_changed, "all": run.lines}.get(show) if run.finished_at else None
