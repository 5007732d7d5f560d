"""Allocation runs: one row each, with its policy and figures, and one result per line."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.urls import reverse

from backorders.enums import RUN_TRANSITIONS, UNENDED_RUNS, RunKind, RunStatus
from backorders.errors import MoveNotAllowed
from backorders.models.policies import PolicyVersion
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, frozen, never_deleted, refuse, state_machine
from inventory.models import Product, Warehouse


class AllocationRunQuerySet(models.QuerySet["AllocationRun"]):
    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")

    def applied(self):
        """Runs that change the world, as opposed to simulations."""
        return self.exclude(kind=RunKind.SIMULATION)

    def awaiting(self):
        """Runs that a second person has to approve."""
        return self.filter(status=RunStatus.AWAITING)


class Comparison(models.Model):
    """Several policies looked at with one read of the desk; each is a simulation that can be applied."""

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"Comparison {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("backorders:comparison", args=[self.pk])


class AllocationRun(models.Model):
    """A nightly run exists once per local business date, whatever fires twice."""

    kind = models.CharField(max_length=10, choices=RunKind)
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.RUNNING)
    business_date = models.DateField()
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    policy_snapshot = models.JSONField()
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, null=True, related_name="+")
    cause = LineField(max_length=200, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lines = models.PositiveIntegerField(default=0)
    pools = models.PositiveIntegerField(default=0)
    lines_changed = models.PositiveIntegerField(default=0)
    products_unchanged = models.PositiveIntegerField(
        db_default=0, help_text="Products with open lines that a nightly run left as the run before had left them."
    )
    basis = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Hash of what decides beside queue and stock."
    )
    units_allocated = models.PositiveBigIntegerField(default=0, help_text="Units that the lines hold after the run.")
    units_open = models.PositiveBigIntegerField(default=0, help_text="Open units that no stock covers after the run.")
    exceptions = models.PositiveIntegerField(default=0)
    input_hash = models.CharField(
        max_length=64, blank=True, db_default="", help_text="SHA-256 over the policy and what all parts saw."
    )
    result_hash = models.CharField(
        max_length=64, blank=True, db_default="", help_text="SHA-256 over who holds how much after the run."
    )
    error = models.TextField(blank=True)
    settled_at = models.DateTimeField(
        null=True, help_text="When it was settled which orders that ship complete give their stock to others."
    )
    longest_wait_days = models.PositiveIntegerField(
        null=True, help_text="The oldest line that the run left short, in days since its order."
    )
    source_run = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="followers",
        help_text="The run whose results this one applies, or takes back.",
    )
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, null=True, related_name="runs")
    held = models.BooleanField(null=True, help_text="Whether the guard of its policy keeps it from writing.")
    promises_worse = models.PositiveIntegerField(db_default=0, help_text="Promised dates that move back.")
    win_worse = models.PositiveIntegerField(db_default=0, help_text="Those of them that are of the class Win.")
    lines_lost = models.PositiveIntegerField(db_default=0, help_text="Lines that lose units that they held.")
    figures = models.JSONField(null=True, help_text="What a comparison shows of it.")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = LineField(max_length=300, blank=True, db_default="")

    objects = AllocationRunQuerySet.as_manager()

    class Meta:
        permissions = [
            ("run_allocation", "Can run the allocation"),
            ("simulate_allocation", "Can simulate a run"),
            ("approve_run", "Can approve a run that would break promises"),
            ("override_allocation", "Can pin, hold, set and move units"),
        ]
        constraints = [
            UniqueConstraint(
                fields=["business_date"], condition=Q(kind=RunKind.NIGHTLY), name="one_nightly_run_per_business_date"
            ),
            CheckConstraint(name="run_kind_known", condition=Q(kind__in=RunKind.values)),
            CheckConstraint(name="run_status_known", condition=Q(status__in=RunStatus.values)),
            CheckConstraint(
                name="run_undated_iff_unended",
                condition=Q(status__in=UNENDED_RUNS, finished_at__isnull=True)
                | (~Q(status__in=UNENDED_RUNS) & Q(finished_at__isnull=False)),
            ),
            CheckConstraint(
                name="run_decided_by_somebody_else",
                condition=~Q(status__in=[RunStatus.APPROVED, RunStatus.REJECTED])
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_by=F("started_by")),
            ),
            UniqueConstraint(
                fields=["source_run", "kind"], condition=~Q(source_run=None), name="one_run_applies_or_takes_back"
            ),
            *plain_text("run", "cause", "decision_note"),
        ]
        indexes = [models.Index(fields=["status"], condition=~Q(status="finished"), name="unfinished_runs")]
        triggers = [
            *never_deleted(),
            state_machine("status", RUN_TRANSITIONS),
            frozen(
                *("kind", "business_date", "policy_version_id", "policy_snapshot", "started_at"),
                *("source_run_id", "comparison_id"),
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("backorders:run", args=[self.pk])

    @property
    def batch(self) -> str:
        """The key under which all letters of the run wait for each other."""
        return f"run:{self.pk}"

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None

    def move_to(self, status: RunStatus) -> None:
        """The only way to change the status; the caller saves. Raises MoveNotAllowed."""
        if status not in RUN_TRANSITIONS[self.status]:
            raise MoveNotAllowed(f"{self} is {self.get_status_display().lower()}: it cannot become {status}.")
        self.status = status


class RunShard(models.Model):
    """Some products of a run, served in one transaction; a shard that was not done is simply done again."""

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="shards")
    number = models.PositiveIntegerField()
    product_ids = ArrayField(models.BigIntegerField())
    weighed_at = models.DateTimeField(null=True, help_text="When its share of the guard's figures was counted.")
    figures = models.JSONField(null=True)
    input_hash = models.CharField(max_length=64, blank=True, db_default="", help_text="SHA-256 of its snapshot.")
    result_hash = models.CharField(max_length=64, blank=True, db_default="")
    tries = models.PositiveSmallIntegerField(db_default=0, default=0, help_text="How often somebody began it.")
    error = models.TextField(blank=True, db_default="", default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["run", "number"], name="shard_number_unique_in_run")]
        triggers = [
            *never_deleted(),
            frozen("run_id", "number", "product_ids"),
            refuse(
                "done_once",
                when="OLD.done_at IS NOT NULL",
                operation=pgtrigger.Update,
                message="a part of a run is done once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} shard {self.number}"


class ShardSnapshot(models.Model):
    """What a shard saw when it was decided: compressed columns, forgotten after some time; the hash stays."""

    shard = models.OneToOneField(RunShard, on_delete=models.PROTECT, primary_key=True, related_name="snapshot")
    content = models.BinaryField()

    class Meta:
        triggers = [frozen("shard_id", "content")]

    def __str__(self) -> str:
        return f"Snapshot of {self.shard}"


class RunResult(models.Model):
    """What a run decided for one line, and why, as scalars; the sentence is made from them when somebody reads it.

    History that nobody edits: the keys are not checked row by row (a million rows a night), and nothing is indexed but
    (run, line).
    """

    pk = models.CompositePrimaryKey("run_id", "line_id")
    run_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    warehouse_id = models.BigIntegerField()
    open = models.PositiveIntegerField(help_text="Open units that the run may serve: without pinned and hard ones.")
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    supply = models.PositiveIntegerField(help_text="Units there were to allocate.")
    rank = models.PositiveIntegerField()
    queue_length = models.PositiveIntegerField()
    lines_before = models.PositiveIntegerField(help_text="How many better-placed lines hold something.")
    units_before = models.PositiveIntegerField(help_text="Units that better-placed lines hold.")
    kept_behind = models.PositiveIntegerField(help_text="Units kept for lines behind that are guaranteed them.")
    more_units = models.IntegerField(null=True, help_text="Units more that would fill it; null: none would.")
    reason = models.CharField(max_length=30)
    strategy = models.CharField(max_length=12, default="REDISTRIBUTE")
    segment = models.PositiveSmallIntegerField(default=0, help_text="Its place in the policy; the rest stands last.")

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"Run {self.run_id}, line {self.line_id}: {self.before} → {self.after}"


class AwayResult(models.Model):
    """Units that a line holds from another warehouse than its own, before and after a run; its result counts them."""

    pk = models.CompositePrimaryKey("run_id", "line_id", "warehouse_id")
    run_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    warehouse_id = models.BigIntegerField()
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"Run {self.run_id}, line {self.line_id}, warehouse {self.warehouse_id}: {self.before} → {self.after}"


class RunPromise(models.Model):
    """A date that a run which wrote nothing would move: of simulations and of runs that await approval."""

    pk = models.CompositePrimaryKey("run_id", "line_id")
    run_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    told_on = models.DateField(null=True, help_text="The last date that the customer heard.")
    before_on = models.DateField(null=True)
    after_on = models.DateField(null=True)
    was_told = models.BooleanField()
    is_worse = models.BooleanField(help_text="A promised date that moves back.")
    is_win = models.BooleanField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"Run {self.run_id}, line {self.line_id}: {self.before_on} → {self.after_on}"


class RunSkip(models.Model):
    """A pool that a run left as it was, and why."""

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="skips")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    reason = LineField(max_length=300)

    class Meta:
        constraints = [UniqueConstraint(fields=["run", "product", "warehouse"], name="pool_skipped_once_in_run")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.run}: {self.reason}"


class RunException(models.Model):
    """A guarantee that a pool could not meet in a run, and whether a fallback policy served the pool instead."""

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="pool_exceptions")
    line_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    warehouse_id = models.BigIntegerField()
    strategy = models.CharField(max_length=12)
    missing = models.PositiveIntegerField()
    served_by = LineField(max_length=40, blank=True, help_text="The fallback policy that was used; empty: none.")

    class Meta:
        constraints = [UniqueConstraint(fields=["run", "line_id"], name="one_exception_per_line_and_run")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"Run {self.run_id}, line {self.line_id}: {self.missing} missing"
