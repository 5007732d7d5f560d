"""Which policy the desk follows by itself."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from backorders.errors import PolicyUnknown
from backorders.models import AllocationPolicy, OrderLine
from backorders.services.promising import mark_queues_changed


@transaction.atomic
def choose_default_policy(*, policy_id: int, by: User | None, now: datetime) -> AllocationPolicy:
    """What nightly runs, receipts, new orders and promise dates use from now on.

    No allocation moves here: the next run does that. The dates of all waiting lines are due again. Raises PolicyUnknown
    for a policy that is out of use.
    """
    policies = {policy.pk: policy for policy in AllocationPolicy.objects.select_for_update(no_key=True).order_by("pk")}
    chosen = policies.get(policy_id)
    if chosen is None or not chosen.active:
        raise PolicyUnknown("This policy is not in use: make it active first.")
    if chosen.is_default:
        return chosen
    AllocationPolicy.objects.filter(is_default=True).update(is_default=False)
    chosen.is_default = True
    chosen.save(update_fields=["is_default"])
    follow_default_policy()
    return chosen


def follow_default_policy() -> None:
    """The order of the queues is another one now: the dates of all waiting lines are due again."""
    mark_queues_changed(OrderLine.objects.open().order_by().values_list("product_id", flat=True).distinct())
