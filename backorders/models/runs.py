"""Allocation runs: one row each, with its policy and figures, and one result per line."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.urls import reverse

from backorders.enums import RUN_TRANSITIONS, RunKind, RunStatus
from backorders.errors import MoveNotAllowed
from backorders.models.policies import AllocationPolicy
from config.lib.text import LineField, plain_text
from config.lib.triggers import append_only, frozen, never_deleted, refuse, state_machine
from inventory.models import Warehouse


class AllocationRunQuerySet(models.QuerySet["AllocationRun"]):
    def locked(self):
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")

    def applied(self):
        """Runs that changed the world, as opposed to simulations."""
        return self.exclude(kind=RunKind.SIMULATION)


class AllocationRun(models.Model):
    """A nightly run exists once per local business date, whatever fires twice."""

    kind = models.CharField(max_length=10, choices=RunKind)
    status = models.CharField(max_length=10, choices=RunStatus, default=RunStatus.RUNNING)
    business_date = models.DateField()
    policy = models.ForeignKey(AllocationPolicy, on_delete=models.PROTECT, related_name="+")
    policy_snapshot = models.JSONField()
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, null=True, related_name="+")
    cause = LineField(max_length=200, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lines = models.PositiveIntegerField(default=0)
    pools = models.PositiveIntegerField(default=0)
    lines_changed = models.PositiveIntegerField(default=0)
    units_allocated = models.PositiveBigIntegerField(default=0, help_text="Units that the lines hold after the run.")
    units_open = models.PositiveBigIntegerField(default=0, help_text="Open units that no stock covers after the run.")
    exceptions = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    objects = AllocationRunQuerySet.as_manager()

    class Meta:
        permissions = [("run_allocation", "Can run the allocation"), ("simulate_allocation", "Can simulate a run")]
        constraints = [
            UniqueConstraint(
                fields=["business_date"], condition=Q(kind=RunKind.NIGHTLY), name="one_nightly_run_per_business_date"
            ),
            CheckConstraint(name="run_kind_known", condition=Q(kind__in=RunKind.values)),
            CheckConstraint(name="run_status_known", condition=Q(status__in=RunStatus.values)),
            CheckConstraint(
                name="run_dated_iff_finished",
                condition=Q(status=RunStatus.FINISHED, finished_at__isnull=False)
                | (~Q(status=RunStatus.FINISHED) & Q(finished_at__isnull=True)),
            ),
            *plain_text("run", "cause"),
        ]
        indexes = [models.Index(fields=["status"], condition=~Q(status="finished"), name="unfinished_runs")]
        triggers = [
            *never_deleted(),
            state_machine("status", RUN_TRANSITIONS),
            frozen("kind", "business_date", "policy_id", "policy_snapshot", "started_at"),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("backorders:run", args=[self.pk])

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
                message="a shard is done once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} shard {self.number}"


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
    supply = models.PositiveIntegerField(help_text="Units the pool had to give.")
    rank = models.PositiveIntegerField()
    queue_length = models.PositiveIntegerField()
    lines_before = models.PositiveIntegerField(help_text="How many better-placed lines hold something.")
    units_before = models.PositiveIntegerField(help_text="Units that better-placed lines hold.")
    kept_behind = models.PositiveIntegerField(help_text="Units kept for lines behind that are guaranteed them.")
    more_units = models.IntegerField(
        null=True, help_text="Units more in the pool that would fill it; null: none would."
    )
    reason = models.CharField(max_length=30)

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"Run {self.run_id}, line {self.line_id}: {self.before} → {self.after}"
