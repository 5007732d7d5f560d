"""R17, R18, R20: senders are killed all the time while the mail server misbehaves; nothing is lost, little comes twice.

A fifth of the transactions that write messages is rolled back, and one address in fifty does not exist. The owner of
the database turns the clock on for retries; a lease runs its 90 seconds, except in the small size.
"""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter, defaultdict
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from notifications.models import DeliveryResult, Message
from notifications.services import delivery, leases
from notifications.services.outbox import Draft, queue_messages
from tests.factories.notifications import order_mail
from tests.kit.databases import CloneUrls
from tests.kit.moody_smtp import GONE, MoodyServer, moody_server
from tests.reliability.scratch import act, as_superuser, scratch_database

SIZES = {"S": 150, "M": 2000, "L": 10_000}
SENDERS = {"S": 2, "M": 2, "L": 4}
TRIES_BETWEEN_KILLS = {"S": 6, "M": 40, "L": 20}
SECONDS_BETWEEN_KILLS = 5  # at most, while the server lets everybody wait
SECONDS_PER_EMAIL = {"S": 2, "M": 30, "L": 30}
SECONDS_OF_A_LEASE = {"S": 4, "M": 90, "L": 90}
MAILS_PER_ORDER = 4
SECONDS = {"S": 120, "M": 900, "L": 3600}
DUE_AGAIN = """UPDATE notifications_message SET available_at = statement_timestamp()
                WHERE status = 'retry' AND available_at > statement_timestamp()"""
LEASES_RUN_OUT = """UPDATE notifications_message SET available_at = statement_timestamp(),
    lease_until = statement_timestamp() WHERE status = 'sending'"""
TRIED = """SELECT FROM notifications_message
    HAVING SUM(attempts) >= %s OR COUNT(*) FILTER (WHERE status IN ('pending', 'retry')) = 0"""
_fork = multiprocessing.get_context("fork")


def run(size: str) -> dict[str, Any]:
    return run_with(SENDERS[size], size)


def run_with(senders: int, size: str) -> dict[str, Any]:
    with scratch_database("r17") as clone:
        urls = {"clone_name": clone.name, "owner": clone.owner_url, "url": clone.url}
        return act("r17", "torment", clone, size=size, senders=senders, **urls)


def torment(*, size: str, senders: int, clone_name: str, owner: str, url: str) -> dict[str, Any]:
    clone = CloneUrls(name=clone_name, url=url, owner_url=owner)
    rolled_back = _write(SIZES[size])
    with moody_server(seed=17) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        delivery.SEND_SECONDS, leases.LEASE_SECONDS = SECONDS_PER_EMAIL[size], SECONDS_OF_A_LEASE[size]
        began = time.monotonic()
        kills = _kill_and_replace(clone, size, senders)
        as_superuser(clone, LEASES_RUN_OUT)  # nobody lives any more who could hold one
        while _unsent(clone):
            as_superuser(clone, DUE_AGAIN)
            delivery.deliver_due_messages()
        seconds = time.monotonic() - began
        return _report(server, rolled_back) | {"kills": kills, "seconds": round(seconds, 1)}


def _write(count: int) -> list[str]:
    """Queue messages, several per order; the Message-IDs of those whose transaction was rolled back."""
    hat = random.Random(count)
    lost: list[str] = []
    for order in range(count // MAILS_PER_ORDER * 5 // 4):
        drafts = [_draft(order, number, hat) for number in range(MAILS_PER_ORDER)]
        with transaction.atomic():
            queue_messages(drafts, now=timezone.now())
            if order % 5 == 4:
                keys = [draft.dedupe_key for draft in drafts]
                lost += Message.objects.filter(dedupe_key__in=keys).values_list("message_id", flat=True)
                transaction.set_rollback(True)
    return lost


def _draft(order: int, number: int, hat: random.Random) -> Draft:
    kind = ["order_received", "goods_allocated", "partly_shipped", "shipped"][number]
    payload = order_mail(kind, order_number=f"SO-{order}")
    gone = hat.random() < 0.02
    return Draft(
        payload=payload,
        recipient=f"{GONE if gone else 'buyer'}{order}-{number}@customer.example",
        recipient_name="Vogel & Söhne",
        language="de" if order % 2 else "en",
        dedupe_key=f"r17:{order}:{number}",
        aggregate=f"order:{order}",
        cause="a torment",
    )


def _kill_and_replace(clone: CloneUrls, size: str, count: int) -> int:
    """Keep the senders busy and kill one after the other until nothing waits; how many were killed.

    Tries are counted, not seconds: on a loaded machine a sender would die before it has sent anything.
    """
    kills, deadline = 0, time.monotonic() + SECONDS[size]
    senders = [_sender() for _ in range(count)]
    while _unsent(clone, leased=False) and time.monotonic() < deadline:
        _wait_for_tries(clone, TRIES_BETWEEN_KILLS[size])
        as_superuser(clone, DUE_AGAIN)
        victim = senders.pop(0)
        _kill(victim)
        kills += 1
        senders.append(_sender())
    for sender in senders:
        _kill(sender)
    return kills + len(senders)


def _wait_for_tries(clone: CloneUrls, more: int) -> None:
    deadline = time.monotonic() + SECONDS_BETWEEN_KILLS
    with psycopg.connect(clone.url, autocommit=True) as connection:
        enough = connection.execute("SELECT SUM(attempts) + %s FROM notifications_message", [more]).fetchone()
        while not connection.execute(TRIED, enough).fetchone() and time.monotonic() < deadline:
            time.sleep(0.02)


def _sender() -> Any:
    connections.close_all()
    child = _fork.Process(target=_send_for_ever)
    child.start()
    return child


def _send_for_ever() -> None:
    while True:
        delivery.deliver_due_messages(seconds=60)
        time.sleep(0.05)


def _kill(child: Any) -> None:
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    child.join()


def _unsent(clone: CloneUrls, *, leased: bool = True) -> int:
    statuses = ["pending", "retry", *(["sending"] if leased else [])]
    with psycopg.connect(clone.url) as connection:
        query = "SELECT COUNT(*) FROM notifications_message WHERE status = ANY(%s)"
        row = connection.execute(query, [statuses]).fetchone()
    assert row
    return int(row[0])


def _report(server: MoodyServer, rolled_back: list[str]) -> dict[str, Any]:
    copies: dict[str, list[bytes]] = defaultdict(list)
    for taken in server.taken:
        copies[taken.message_id].append(taken.raw)
    messages = list(Message.objects.order_by("pk"))
    alive = [message for message in messages if message.status != "dead"]
    firsts = {message_id: place for place, message_id in enumerate(copies)}
    orders: dict[str, list[int]] = defaultdict(list)
    for message in alive:
        if message.message_id in firsts:
            orders[message.aggregate].append(firsts[message.message_id])
    return {
        "messages": len(messages),
        "statuses": dict(Counter(message.status for message in messages)),
        "lost": sum(message.message_id not in copies for message in alive),
        "given_up_for_no_reason": sum(
            message.status == "dead" and not message.recipient.startswith(GONE) for message in messages
        ),
        "duplicates": sum(len(raws) - 1 for raws in copies.values()),
        "copies_that_differ": sum(len(set(raws)) > 1 for raws in copies.values()),
        "sent_though_rolled_back": sum(message_id in copies for message_id in rolled_back),
        # A try without a result: its sender was killed between the claim and the last word.
        "kills_that_hit_a_mail": sum(message.attempts for message in messages) - DeliveryResult.objects.count(),
        "orders_out_of_order": sum(places != sorted(places) for places in orders.values()),
        "taken_without_an_answer": server.moods["drop_before_250"] + server.moods["drip"],
        "moods": dict(server.moods),
    }
