"""Writing to an address again."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from notifications.errors import NotSuppressed
from notifications.models import Suppression


@transaction.atomic
def lift_suppression(*, suppression_id: int, reason: str, by: User, now: datetime) -> Suppression:
    """From now on the address gets mail again; the row stays with who did it and why. Raises NotSuppressed."""
    suppression = Suppression.objects.select_for_update(of=("self",), no_key=True).get(pk=suppression_id)
    if suppression.lifted_at:
        raise NotSuppressed(f"{suppression.address} is not suppressed any more.")
    suppression.lifted_at, suppression.lifted_by, suppression.lift_reason = now, by, reason
    suppression.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    return suppression
