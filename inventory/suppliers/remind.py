"""Reminding suppliers who have not answered."""

from datetime import datetime
from itertools import takewhile

from django.db import transaction
from django.utils import timezone

from inventory.engine.answers import working_days_after
from inventory.enums import ASKING_PURPOSES, INBOUND_STATUSES, LinkPurpose
from inventory.models import PurchaseDateChange, PurchaseOrder, PurchasingSettings, SupplierLink
from inventory.purchasing.locks import locked_lines, locked_order
from inventory.suppliers.ask import lines_to_ask
from inventory.suppliers.links import send_link
from notifications.payloads import PurchaseReminder


def remind_suppliers(*, now: datetime) -> int:
    """Write once more where a question has had no answer for the days of the settings; one order a transaction.

    Returns how many were reminded. A second call on the same day reminds nobody.
    """
    unanswered = SupplierLink.objects.live(now=now).filter(
        purpose__in=ASKING_PURPOSES,
        purchase_order__status__in=INBOUND_STATUSES,
    )
    orders = unanswered.exclude(purchase_order__supplier__email="").order_by("purchase_order_id")
    return sum(
        remind(purchase_order_id=pk, now=now) for pk in orders.values_list("purchase_order", flat=True).distinct()
    )


@transaction.atomic
def remind(*, purchase_order_id: int, now: datetime) -> bool:
    """Remind of one order if that is due: decided on what stands under the lock."""
    purchase_order = locked_order(purchase_order_id)
    if purchase_order.status not in INBOUND_STATUSES or not _is_due(purchase_order, now=now):
        return False
    lines = lines_to_ask(purchase_order, list(locked_lines(purchase_order).values()))
    if not lines or not purchase_order.supplier.email:
        return False
    send_link(
        purchase_order=purchase_order,
        purpose=LinkPurpose.REMINDER,
        letter=PurchaseReminder,
        lines=lines,
        by=None,
        now=now,
    )
    return True


def _is_due(purchase_order: PurchaseOrder, *, now: datetime) -> bool:
    """Nothing was heard since the newest question, by link or by telephone, and the last letter is days old."""
    settings = PurchasingSettings.objects.get()
    asking = SupplierLink.objects.live(now=now).filter(purchase_order=purchase_order, purpose__in=ASKING_PURPOSES)
    newest_first = list(asking.order_by("-pk"))
    reminders = list(takewhile(lambda link: link.purpose == LinkPurpose.REMINDER, newest_first))
    questions = newest_first[len(reminders) :]
    if not questions or _was_heard_of(purchase_order, since=questions[0].made_at):
        return False
    due_on = working_days_after(timezone.localdate(newest_first[0].made_at), settings.reminder_days)
    return len(reminders) < settings.most_reminders and timezone.localdate(now) >= due_on


def _was_heard_of(purchase_order: PurchaseOrder, *, since: datetime) -> bool:
    if purchase_order.acknowledged_at and purchase_order.acknowledged_at >= since:
        return True
    return PurchaseDateChange.objects.filter(line__purchase_order=purchase_order, made_at__gt=since).exists()
