"""The doorway through which beat empties the outbox."""

from celery import shared_task

from notifications.services.delivery import deliver_due_messages

# Well below the task's soft time limit; what is left is taken up by the next beat.
SECONDS = 180


@shared_task(name="notifications.deliver_messages", acks_late=True, ignore_result=True)
def deliver_messages() -> None:
    deliver_due_messages(seconds=SECONDS)
