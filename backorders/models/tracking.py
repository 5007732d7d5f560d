"""Links that open one order for its customer without a login, and what the customer's side goes by."""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import CheckConstraint, F, Q

from backorders.enums import AlternativesOrder
from backorders.models.orders import SalesOrder
from config.lib.triggers import frozen, never_deleted, refuse


class TrackingLinkQuerySet(models.QuerySet["TrackingLink"]):
    def open_at(self, now):
        return self.filter(revoked_at__isnull=True, expires_at__gt=now)


class TrackingLink(models.Model):
    """One link of one email to one order. The token that it is opened with is made from `reference` and never stored.

    `made_for` is the key of the message that the link went out with.
    """

    order = models.ForeignKey(SalesOrder, on_delete=models.PROTECT, related_name="tracking_links")
    reference = models.UUIDField(unique=True, db_default=RandomUUID())
    made_for = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = TrackingLinkQuerySet.as_manager()

    class Meta:
        permissions = [("send_trackinglink", "Can send and revoke tracking links")]
        constraints = [
            CheckConstraint(name="tracking_link_expires_later", condition=Q(expires_at__gt=F("made_at"))),
        ]
        triggers = [
            *never_deleted(),
            frozen("order_id", "reference", "made_for", "made_at", "expires_at"),
            refuse(
                "revoked_stays_revoked",
                when="OLD.revoked_at IS NOT NULL",
                operation=pgtrigger.Update,
                message="a link that was revoked stays so",
            ),
        ]

    def __str__(self) -> str:
        return f"Link to {self.order_id} of {self.made_at:%Y-%m-%d}"


@pghistory.track()
class CustomerSettings(models.Model):
    """One row: what the customer's page, questions, refunds and delay notices go by."""

    tracking_link_days = models.PositiveSmallIntegerField(
        default=180, help_text="How long the link to the customer's page in an email stays open."
    )
    answer_days = models.PositiveSmallIntegerField(
        default=7, help_text="How long a customer has to answer a question, unless the asker says otherwise."
    )
    refund_working_days = models.PositiveSmallIntegerField(
        default=7, help_text="Refunds are due so many working days after a cancellation, where no law says otherwise."
    )
    alternatives = models.CharField(
        max_length=24,
        choices=AlternativesOrder,
        default=AlternativesOrder.WAREHOUSE_FIRST,
        help_text="What is looked at first when a line waits.",
    )
    offers_by_rule = models.BooleanField(
        default=False, help_text="Offer approved substitutes by themselves to lines without a date."
    )
    notice_margin_days = models.PositiveSmallIntegerField(
        default=7, help_text="A delay notice leaves at the latest so many days before its deadline."
    )
    notice_after_days = models.PositiveSmallIntegerField(
        default=2, help_text="A delay notice leaves at the latest so many days after the delay became known."
    )

    class Meta:
        verbose_name = verbose_name_plural = "settings for customers"
        constraints = [
            CheckConstraint(name="customer_settings_is_one_row", condition=Q(id=1)),
            CheckConstraint(name="customer_links_live_a_day", condition=Q(tracking_link_days__gte=1)),
            CheckConstraint(name="customer_has_a_day_to_answer", condition=Q(answer_days__gte=1)),
            CheckConstraint(name="customer_alternatives_known", condition=Q(alternatives__in=AlternativesOrder.values)),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return "Customer settings"
