"""Doorways for Celery: read the clock, call one service. Each is safe to run twice."""

from celery import shared_task
from django.utils import timezone

from inventory.suppliers import remind as reminding


@shared_task(name="inventory.remind_suppliers")
def remind_suppliers() -> None:
    reminding.remind_suppliers(now=timezone.now())
