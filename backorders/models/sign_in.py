"""How the people of a role sign in."""

import pghistory
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import CheckConstraint, Q

from backorders.enums import SecondFactor


@pghistory.track()
class SignInRule(models.Model):
    """One for each role, written with the roles; administrators may change it."""

    role = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="+")
    second_factor = models.CharField(
        max_length=12,
        choices=SecondFactor,
        help_text="Whoever has the role and no second factor is led to its set-up at once, and to nothing else.",
    )

    class Meta:
        constraints = [
            CheckConstraint(name="second_factor_known", condition=Q(second_factor__in=SecondFactor.values)),
        ]

    def __str__(self) -> str:
        return self.role.name
