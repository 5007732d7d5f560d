"""R14: Redis forgets everything, is gone, hangs, comes and goes. Whoever works at the desk hardly notices, nothing that
was acknowledged is lost, and worker and beat take up their work again by themselves."""

import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from backorders.oversight.queries.invariants import check_invariants
from tests.kit.smtp_sink import SmtpSink, running_sink
from tests.reliability.desks import Desk, OwnRedis, Visitor, desk, own_redis, until
from tests.reliability.scratch import act, scratch_database

SECONDS_AWAY = {"S": 6, "M": 60, "L": 60}
SECONDS_TO_HEAL = 60
BEAT_IS_UP = "SELECT COUNT(*) FROM django_celery_beat_periodictask WHERE total_run_count > 0"
UNSENT = "SELECT COUNT(*) FROM notifications_message WHERE status IN ('pending', 'sending', 'retry')"
Fault = Callable[[OwnRedis], object]


def run(size: str) -> dict[str, Any]:
    away = SECONDS_AWAY[size]
    faults: dict[str, tuple[Fault, float, Fault]] = {
        "forgets": (lambda redis: redis.tell("FLUSHALL"), 1, lambda redis: None),
        "killed": (lambda redis: redis.kill(), away, lambda redis: redis.start()),
        "hung": (lambda redis: redis.signal(signal.SIGSTOP), away, lambda redis: redis.signal(signal.SIGCONT)),
        "comes_and_goes": (_five_drops, 3, lambda redis: until(lambda: redis.tell("PING") == "+PONG", seconds=10)),
    }
    return torment("r14", faults)


def torment(label: str, faults: dict[str, tuple[Fault, float, Fault]]) -> dict[str, Any]:
    """Somebody works at the desk without a pause while one fault follows the other; how it begins, lasts and ends."""
    with scratch_database(label) as clone, own_redis() as redis, running_sink() as sink:
        act("desks", "fill", clone)
        with desk(clone, redis_url=redis.url, email_url=sink.url) as at:
            visitor = Visitor(at.url)
            signed_in = visitor.sign_in()
            until(
                lambda: at.value("SELECT COUNT(*) FROM django_celery_beat_periodictask WHERE total_run_count > 0"),
                seconds=60,
            )
            before = {name: at.pid(name) for name in ("worker", "beat")}
            kept: list[str] = []
            report: dict[str, Any] = {"well": _work(visitor, kept, seconds=4)}
            for name, (begin, seconds, heal) in faults.items():
                begin(redis)
                seen = _work(visitor, kept, seconds=seconds)
                complaints = visitor.get("/healthz")[1]
                heal(redis)
                seen["told"] = "Redis is away" in complaints
                report[name] = seen | {"heals_in": _healed(at, visitor, kept)}
            report |= _outcome(at, sink, kept)
            report["signed_in_throughout"] = signed_in and visitor.is_signed_in()
            report["restarted"] = [name for name, pid in before.items() if at.pid(name) != pid]
            report["broken"] = act("r14", "broken", clone)
    return report


def _five_drops(redis: OwnRedis) -> None:
    def drop() -> None:
        for _ in range(5):
            redis.kill()
            time.sleep(0.3)
            redis.start()
            time.sleep(0.2)

    threading.Thread(target=drop, daemon=True).start()


def _work(visitor: Visitor, kept: list[str], *, seconds: float) -> dict[str, Any]:
    """Orders, runs and looks, one after the other; what the answers were and how long the slowest took."""
    statuses: Counter[int] = Counter()
    visitor.slowest, began = 0.0, time.monotonic()
    while time.monotonic() - began < seconds:
        statuses[_order(visitor, kept)] += 1
        statuses[visitor.post("/runs/new/", {"policy": "order-date", "kind": "manual"})[0]] += 1
        statuses[visitor.get("/")[0]] += 1
    return {"answers": dict(statuses), "slowest": visitor.slowest}


def _order(visitor: Visitor, kept: list[str]) -> int:
    key = uuid.uuid4().hex
    status = visitor.order(key)
    if status == 200:
        kept.append(key)
    return status


def _healed(at: Desk, visitor: Visitor, kept: list[str]) -> float:
    """Seconds until the email of an order that is placed now has come: beat, worker and mail are at work again."""
    _order(visitor, kept)
    return until(lambda: at.value(UNSENT) == 0, seconds=SECONDS_TO_HEAL)


def _outcome(at: Desk, sink: SmtpSink, kept: list[str]) -> dict[str, Any]:
    present = at.value("SELECT COUNT(*) FROM backorders_salesorder WHERE external_number = ANY(%s)", kept)
    running = "SELECT COUNT(*) FROM backorders_allocationrun WHERE status = 'running'"
    until(lambda: at.value(running) == 0, seconds=SECONDS_TO_HEAL)
    mails = Counter(mail.message["Message-ID"] for mail in sink.received)
    return {
        "acknowledged": len(kept),
        "lost": len(kept) - present,
        "mails_sent": at.value("SELECT COUNT(*) FROM notifications_message WHERE status = 'sent'"),
        "mails_received": len(mails),
        "mails_twice": sum(count > 1 for count in mails.values()),
        "runs_not_finished": at.value("SELECT COUNT(*) FROM backorders_allocationrun WHERE status <> 'finished'"),
    }


def broken() -> dict[str, int]:
    return {name: count for name, count in check_invariants().violations.items() if count}
