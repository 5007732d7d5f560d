"""The nightly learning. Nothing that the pages load imports this module: the libraries for statistics are heavy."""

from celery import shared_task
from django.utils import timezone

from inventory.lead_times.learn import learn_lead_times


@shared_task(name="inventory.learn_lead_times")
def learn_lead_times_nightly() -> None:
    learn_lead_times(now=timezone.now())
