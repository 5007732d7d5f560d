"""Seals over the append-only tables: who rewrites history as the owner of the machine breaks one."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from backorders.enums import AuditedLedger
from config.lib.triggers import append_only

HASH = r"^[0-9a-f]{64}$"


class AuditSeal(models.Model):
    """Rows `first_id` to `last_id` of a ledger: how many they are and what they say, chained to the seal before.

    `observed_id` and `observed_xid` are where the ledger and the database stood at that time: the next seal goes that
    far, once every transaction of that time has ended, so that a lower id cannot come in late.
    """

    ledger = models.CharField(max_length=20, choices=AuditedLedger)
    first_id = models.PositiveBigIntegerField()
    last_id = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    observed_id = models.PositiveBigIntegerField()
    observed_xid = models.PositiveBigIntegerField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["ledger", "previous_hash"], name="one_seal_follows_another"),
            CheckConstraint(name="seal_ledger_known", condition=Q(ledger__in=AuditedLedger.values)),
            CheckConstraint(
                name="seal_hashes_are_sha256",
                condition=Q(digest__regex=HASH, hash__regex=HASH)
                & (Q(previous_hash="") | Q(previous_hash__regex=HASH)),
            ),
            CheckConstraint(
                name="seal_covers_what_was_observed",
                condition=Q(first_id__lte=F("last_id") + 1, last_id__lte=F("observed_id")),
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"Seal {self.pk} over {self.get_ledger_display().lower()} {self.first_id} to {self.last_id}"
