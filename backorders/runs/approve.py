"""What becomes of results that were not written: applied, approved, rejected, discarded; and taking back what was."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from backorders.enums import RunKind, RunStatus
from backorders.errors import CannotApply, CannotRollBack
from backorders.models import AllocationRun, RunShard
from backorders.runs.ask_for_approval import ask_for_approval
from backorders.runs.guard import objections_to
from backorders.runs.reapply import what_keeps_it
from inventory.errors import ReasonMissing

ROLLED_BACK_KINDS = [RunKind.NIGHTLY, RunKind.RECEIPT, RunKind.FREED, RunKind.MANUAL]


@transaction.atomic
def apply_run(*, run_id: int, by: User | None, now: datetime) -> AllocationRun:
    """Begin the run that writes what a simulation found; the one that is there already where somebody did so before.

    Where the policy's guard objects, the simulation awaits approval instead and is itself returned. Raises CannotApply
    for what is no finished simulation, and for one that was discarded.
    """
    run = AllocationRun.objects.locked().get(pk=run_id)
    if follower := run.followers.filter(kind=RunKind.MANUAL).first():
        return follower
    if run.kind != RunKind.SIMULATION or run.status != RunStatus.FINISHED:
        raise CannotApply(f"{run} is {run.get_status_display().lower()}: only a finished simulation can be applied.")
    if objections_to(run):
        run.move_to(RunStatus.AWAITING)
        run.save(update_fields=["status"])
        ask_for_approval(run, now=now)
        return run
    return _follow(run, kind=RunKind.MANUAL, cause=f"{run} applied", by=by, now=now)


@transaction.atomic
def discard_run(*, run_id: int, note: str, by: User | None, now: datetime) -> AllocationRun:
    """Put a simulation aside for good; its results stay to look at. Raises CannotApply."""
    run = AllocationRun.objects.locked().get(pk=run_id)
    if run.kind != RunKind.SIMULATION or run.status != RunStatus.FINISHED or run.followers.exists():
        raise CannotApply(f"{run} cannot be discarded: it is not a simulation, or it was already applied.")
    return _decide(run, RunStatus.DISCARDED, note=note, by=by, now=now)


@transaction.atomic
def approve_run(*, run_id: int, note: str, by: User, now: datetime) -> AllocationRun:
    """A second person takes the responsibility: begins the run that writes the results, and returns it.

    Raises ReasonMissing, and CannotApply for what does not wait for approval and for whoever started it.
    """
    run = _awaiting(run_id, note, by)
    _decide(run, RunStatus.APPROVED, note=note, by=by, now=now)
    name = by.get_full_name() or by.get_username()
    return _follow(run, kind=RunKind.MANUAL, cause=f"{run}, approved by {name}", by=run.started_by, now=now)


@transaction.atomic
def reject_run(*, run_id: int, note: str, by: User, now: datetime) -> AllocationRun:
    """A second person refuses: nothing of the run is ever written. Raises as `approve_run`."""
    return _decide(_awaiting(run_id, note, by), RunStatus.REJECTED, note=note, by=by, now=now)


@transaction.atomic
def roll_back_run(*, run_id: int, reason: str, by: User | None, now: datetime) -> AllocationRun:
    """Begin the run that takes back what this one changed, queue by queue, by new rows.

    Raises ReasonMissing, and CannotRollBack where it changed nothing, was rolled back already, or no queue of it is as
    it left it, with the reason.
    """
    if not reason.strip():
        raise ReasonMissing("Enter a reason for rolling back.")
    run = AllocationRun.objects.locked().get(pk=run_id)
    if run.kind not in ROLLED_BACK_KINDS or run.status != RunStatus.FINISHED:
        raise CannotRollBack(f"{run} is {run.get_status_display().lower()}: only an applied run can be rolled back.")
    if run.followers.filter(kind=RunKind.ROLLBACK).exists():
        raise CannotRollBack(f"{run} was already rolled back.")
    if refusal := what_keeps_it(run):
        raise CannotRollBack(refusal)
    return _follow(run, kind=RunKind.ROLLBACK, cause=f"{run} rolled back: {reason}"[:200], by=by, now=now)


def _awaiting(run_id: int, note: str, by: User) -> AllocationRun:
    if not note.strip():
        raise ReasonMissing("Enter a note. It is kept with the run.")
    run = AllocationRun.objects.locked().get(pk=run_id)
    if run.status != RunStatus.AWAITING:
        raise CannotApply(f"{run} is {run.get_status_display().lower()}: it does not need approval.")
    if run.started_by_id == by.pk:
        raise CannotApply(f"You started {run}, so somebody else must approve it.")
    return run


def _decide(run: AllocationRun, status: RunStatus, *, note: str, by: User | None, now: datetime) -> AllocationRun:
    run.move_to(status)
    run.decision_note, run.decided_by, run.decided_at = note.strip(), by, now
    run.save(update_fields=["status", "decision_note", "decided_by", "decided_at"])
    return run


def _follow(run: AllocationRun, *, kind: RunKind, cause: str, by: User | None, now: datetime) -> AllocationRun:
    follower = AllocationRun.objects.create(
        kind=kind,
        business_date=timezone.localdate(now),
        policy_version=run.policy_version,
        policy_snapshot=run.policy_snapshot,
        warehouse=run.warehouse,
        source_run=run,
        cause=cause,
        started_by=by,
        started_at=now,
    )
    RunShard.objects.bulk_create(
        RunShard(run=follower, number=number, product_ids=ids)
        for number, ids in run.shards.order_by("number").values_list("number", "product_ids")
    )
    return follower
