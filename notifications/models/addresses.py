"""Addresses that are not written to, and how we learnt that they bounce."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from config.lib.text import AddressField, LineField, one_address, plain_text
from config.lib.triggers import append_only, frozen, never_deleted
from notifications.enums import BounceKind


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def active(self) -> "SuppressionQuerySet":
        return self.filter(lifted_at__isnull=True)


class Suppression(models.Model):
    """An address that is not written to, because it bounced. A lifted one stays on record."""

    address = AddressField(max_length=254)
    reason = LineField(max_length=250)
    created_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_reason = LineField(max_length=250, blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="suppression_active_once", fields=["address"], condition=Q(lifted_at__isnull=True)
            ),
            models.CheckConstraint(name="suppression_address_given", condition=~Q(address="")),
            models.CheckConstraint(name="suppression_address_in_lower_case", condition=Q(address=Lower("address"))),
            models.CheckConstraint(name="suppression_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="suppression_lifted_with_a_reason",
                condition=Q(lifted_at__isnull=True, lift_reason="") | Q(lifted_at__isnull=False) & ~Q(lift_reason=""),
            ),
            one_address("suppression", "address"),
            *plain_text("suppression", "reason", "lift_reason"),
        ]
        triggers = [*never_deleted(), frozen("address", "reason", "created_at")]

    def __str__(self) -> str:
        return self.address


class BounceReport(models.Model):
    """What a mail service reported about an address, once per event."""

    event = models.CharField(max_length=200, unique=True)
    address = AddressField(max_length=254)
    kind = models.CharField(max_length=10, choices=BounceKind)
    reason = LineField(max_length=250, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="bounce_report_kind_known", condition=Q(kind__in=BounceKind.values)),
            one_address("bounce_report", "address"),
            *plain_text("bounce_report", "reason"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.address}"
