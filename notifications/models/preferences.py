"""How somebody wants to hear from us."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from config.lib.triggers import never_deleted
from notifications.enums import Frequency


@pghistory.track()
class Preference(models.Model):
    """Which emails, how often and at what times. Legal notices and what is transactional come in any case; without a
    row the house rules hold."""

    addressee = models.CharField(max_length=60, unique=True)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.AT_ONCE)
    unwanted = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    opted_out = models.BooleanField(default=False)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    links_since = models.DateTimeField(null=True, blank=True, help_text="Links in older emails no longer work.")
    changed_by = models.CharField(max_length=160, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="preference_frequency_known", condition=Q(frequency__in=Frequency.values)),
            models.CheckConstraint(name="preference_of_somebody", condition=~Q(addressee="")),
            models.CheckConstraint(
                name="preference_quiet_hours_in_pairs",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
        ]
        triggers = never_deleted()

    def __str__(self) -> str:
        return self.addressee

    def wants(self, kind: str) -> bool:
        return not self.opted_out and kind not in self.unwanted
