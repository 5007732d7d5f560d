"""Hints to a worker that there is something to do. PostgreSQL knows it anyway; a hint only makes it sooner."""

import functools

import structlog
from celery import Task
from django.conf import settings
from django.db import transaction
from kombu import Connection

logger = structlog.get_logger(__name__)

# A page waits for a hint that cannot be given no longer than this; a worker reads the same Redis more patiently.
SECONDS = 0.3
IMPATIENT = {
    "socket_timeout": SECONDS,
    "socket_connect_timeout": SECONDS,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}


def hint(task: Task, **arguments: object) -> None:
    """Tell a worker of `task` once the transaction is committed; without Redis the task's own sweep finds the work."""
    transaction.on_commit(functools.partial(_tell, task, arguments))


def _tell(task: Task, arguments: dict[str, object]) -> None:
    try:
        with Connection(settings.CELERY_BROKER_URL, transport_options=IMPATIENT) as connection:
            task.apply_async(kwargs=arguments, connection=connection, retry=False)
    except Exception as error:  # noqa: BLE001 - what was committed stands, whatever became of the hint
        logger.warning("hint_not_given", task=task.name, error=str(error))
