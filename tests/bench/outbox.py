"""How many emails a second leave the outbox, beside Django's own SMTP backend with one reused connection.

Both send the same texts to the same sink, which runs in a process of its own. The outbox claims, renders, stores, sends
and finishes each message, three commits apiece; Django once sends ready texts and once renders them as well.
"""

import time

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from notifications.models import Message
from notifications.payloads import MailLine, OrderReceived
from notifications.services.delivery import deliver_due_messages
from notifications.services.outbox import Draft, queue_messages
from notifications.services.rendering import Rendered, render_message
from tests.kit.sink_process import sink_process

MESSAGES = {"S": 300, "M": 2000, "L": 10_000}
GOAL = 0.7


def run(size: str) -> dict[str, float]:
    """Needs a migrated database; leaves its messages there, as sent."""
    count = MESSAGES[size]
    with sink_process() as port:
        _queue(count, run=time.time_ns())
        smtp = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": port,
        }
        with override_settings(**smtp):
            started = time.perf_counter()
            report = deliver_due_messages()
            outbox = report.sent / (time.perf_counter() - started)
            ready = _plain_django(count, render=False)
            rendered = _plain_django(count, render=True)
    return {
        "messages": report.sent,
        "outbox_per_second": round(outbox, 1),
        "django_per_second": round(ready, 1),
        "django_with_rendering_per_second": round(rendered, 1),
        "ratio": round(outbox / ready, 3),
        "ratio_with_rendering": round(outbox / rendered, 3),
        "goal": GOAL,
    }


def _queue(count: int, *, run: int) -> None:
    line = MailLine(sku="SAW-201", name="Bow saw", quantity=2, ordered=5, allocated=2, open=5)
    drafts = [
        Draft(
            payload=OrderReceived(customer_name="Vogel & Söhne", order_number=f"SO-{number}", lines=(line,) * 3),
            recipient=f"buyer{number}@customer.example",
            recipient_name="Vogel & Söhne",
            language="de" if number % 2 else "en",
            dedupe_key=f"bench:{run}:{number}",
            aggregate=f"bench:{run}:{number}",
            cause="benchmark",
            addressee=f"customer:{run}-{number}",
            time_zone="UTC",
        )
        for number in range(count)
    ]
    with transaction.atomic():
        queue_messages(drafts, now=timezone.now())


def _plain_django(count: int, *, render: bool) -> float:
    messages = list(Message.objects.exclude(rendered_at=None).order_by("-pk")[:count])
    with EmailBackend() as backend:
        started = time.perf_counter()
        for message in messages:
            words: Rendered | Message = message
            if render:
                words = render_message(message)
            email = EmailMultiAlternatives(words.subject, words.text, "desk@desk.example", ["buyer@customer.example"])
            email.attach_alternative(words.html, "text/html")
            backend.send_messages([email])
        return len(messages) / (time.perf_counter() - started)
