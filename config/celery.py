"""The Celery application. Every entry point imports it (manage.py, wsgi, asgi, conftest): tasks find their broker."""

import os
import resource

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.transport import virtual
from kombu.transport.redis import Channel, QoS, Transport
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# A Redis that is full or was made a replica is an outage like any other: the worker waits for it to pass. Kombu takes
# these two for mistakes of ours and lets the worker die, again and again.
Transport.connection_errors = (*Transport.connection_errors, OutOfMemoryError, ReadOnlyError)


class SteadyQoS(QoS):
    """A task that is done and cannot be acknowledged is let go.

    Kombu would count it as under way for ever, and a worker that takes one task at a time would never take another.
    Redis hands it out again later; each task is safe to run twice.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except RedisError:
            virtual.QoS.ack(self, delivery_tag)
            raise


Channel.QoS = SteadyQoS

app = Celery("backorder_desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.set_default()
app.autodiscover_tasks()
app.autodiscover_tasks(["inventory.tasks"], related_name="lead_times")


@worker_process_init.connect(weak=False)
def bound_memory(**kwargs: object) -> None:
    """Work that eats memory gets a MemoryError and is given up, before the machine kills whom it likes."""
    most = settings.WORKER_MEMORY_MB * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


@setup_logging.connect(weak=False)
def keep_django_logging(**kwargs: object) -> None:
    """A receiver of this signal keeps Celery from replacing settings.LOGGING, which Django has applied already."""
