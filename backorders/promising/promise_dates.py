"""The date that each waiting line is promised, and when a customer hears of a new one.

Every change is a new row in the promise ledger with its cause. The customer hears of it only when it moved by more days
than the desk settings say, measured against what they were told last.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from backorders.engine.columns.pools import MISSING
from backorders.enums import PromiseCause, PromiseSource
from backorders.letters.letters import MessageKeys, tell_customers
from backorders.models import DeskSettings, OrderLine, Promise, QueueState
from backorders.promising.column_dates import date_moves_of, moves_after, record_column_promises
from backorders.promising.queue_dates import DateMove, date_moves, promised_dates
from backorders.queue.compiled_policy import CompiledPolicy, default_policy
from backorders.queue.queue_reading import read_queue_columns
from backorders.queue.queues import QueueLine, read_queues
from config.lib.bulk import any_of, copy_rows
from inventory.models import Product
from notifications.payloads import DateChanged
from notifications.services.batches import close_batch

PRODUCTS_PER_BATCH = 200


class PromiseSummary(NamedTuple):
    """What a recomputation changed."""

    lines: int = 0
    changed: int = 0
    later: int = 0
    earlier: int = 0
    without_date: int = 0


def promise_due(*, now: datetime) -> PromiseSummary:
    """Promise again where supply or queue changed since the last time, or where time passed a promised date by."""
    waiting = set(_products_waiting())
    states = QueueState.objects.filter(product_id__in=waiting)
    never = waiting - set(states.values_list("product_id", flat=True))
    changed = set(states.due_for_promises().values_list("product_id", flat=True))
    aged = set(states.filter(promised_for__lt=timezone.localdate(now)).values_list("product_id", flat=True))
    due = never | changed | aged
    return promise_dates(product_ids=due, now=now, cause=PromiseCause.SUPPLY)


def promise_dates(*, product_ids: Collection[int] | None = None, now: datetime, cause: PromiseCause) -> PromiseSummary:
    """Recompute the promises of the products (all with open lines by default), some hundred products a transaction."""
    chosen = sorted(_products_waiting() if product_ids is None else product_ids)
    if not chosen:
        return PromiseSummary()
    policy, summary, letters = default_policy(), PromiseSummary(), f"dates:{now:%Y%m%dT%H%M%S%f}"
    for start in range(0, len(chosen), PRODUCTS_PER_BATCH):
        products = chosen[start : start + PRODUCTS_PER_BATCH]
        batch = _promise_batch(products, policy, letters=letters, now=now, cause=cause)
        summary = PromiseSummary(*(old + new for old, new in zip(summary, batch, strict=True)))
    close_batch(letters, now=now)
    return summary


def _products_waiting() -> Collection[int]:
    return OrderLine.objects.open().order_by().values_list("product_id", flat=True).distinct()


@transaction.atomic
def _promise_batch(
    product_ids: list[int], policy: CompiledPolicy, *, letters: str, now: datetime, cause: PromiseCause
) -> PromiseSummary:
    """Lock the lines of the products, walk their queues, tell the customers and record the new dates."""
    versions = _versions(product_ids)
    queues = read_queue_columns(product_ids, policy)
    _remember(versions, served=False, today=timezone.localdate(now))
    moves = moves_after(queues, queues.columns["allocated"], policy, now=now)
    fact = f"dates:{product_ids[0]}:{now:%Y%m%dT%H%M%S%f}"
    loud = date_moves_of(moves, with_address=True)
    keys = tell_new_dates(loud, fact=fact, cause=cause.label, batch=letters, now=now)
    record_column_promises(moves, cause=cause, keys=keys, now=now)
    before, after = moves.queues.columns["promised_on"][moves.places], moves.promised_on
    known, dated = before != MISSING, after != MISSING
    return PromiseSummary(
        lines=queues.size,
        changed=len(moves.places),
        later=int((known & (~dated | (after > before))).sum()),
        earlier=int((dated & (~known | (after < before))).sum()),
        without_date=int((~dated).sum()),
    )


def remember_served(product_ids: Collection[int], *, now: datetime) -> None:
    """Note from which versions a run that has locked all lines of these products serves and promises them."""
    _remember(_versions(product_ids), served=True, today=timezone.localdate(now))


def first_promises(placed: Sequence[QueueLine], policy: CompiledPolicy, *, now: datetime) -> list[DateMove]:
    """The promises of lines that were just placed, behind and among those that wait already."""
    here = [line for line in placed if line.allocated == line.open]
    waiting = {line.id: (line.product_id, line.warehouse_id) for line in placed if line.allocated < line.open}
    moves = [DateMove(line, timezone.localdate(now), timezone.localdate(now), PromiseSource.STOCK, "") for line in here]
    if waiting:
        pools = set(waiting.values())
        queues = read_queues({product_id for product_id, _ in pools}, reads=policy.reads)
        moves += [
            m for m in date_moves({pool: queues[pool] for pool in pools}, policy, now=now) if m.line.id in waiting
        ]
    return moves


def tell_new_dates(
    moves: Sequence[DateMove],
    *,
    fact: str,
    cause: str,
    batch: str,
    now: datetime,
    told_already: MessageKeys | None = None,
    holding: Mapping[int, int] | None = None,
) -> MessageKeys:
    """Tell the customers whose date moved by more than the threshold since they were told last."""
    threshold = timedelta(days=DeskSettings.objects.get().date_change_threshold_days)
    open_moves = [m for m in moves if m.line.open > m.line.allocated and m.line.id not in (told_already or {})]
    if not open_moves:
        return {}
    heard = last_told(move.line.id for move in open_moves)
    worth = [m for m in open_moves if m.line.id in heard and _moved_by_more(heard[m.line.id], m.promised_on, threshold)]
    return tell_customers(
        DateChanged,
        news={move.line.id: move.line.open - move.line.allocated for move in worth},
        dates=promised_dates(moves),
        previous_dates={move.line.id: heard[move.line.id] for move in worth},
        holding=holding,
        fact=f"{fact}:dates",
        cause=cause,
        batch=batch,
        now=now,
        only_where_wanted=True,
    )


def record_promises(moves: Iterable[DateMove], *, cause: PromiseCause, keys: MessageKeys, now: datetime) -> None:
    """Append the moves to the promise ledger, and the lines follow; `keys` says which message told which line."""
    copy_rows(
        Promise,
        ["line", "p50_on", "promised_on", "source", "source_reference", "cause", "message_key", "made_at"],
        (
            (m.line.id, m.p50_on, m.promised_on, m.source.value, m.reference, cause.value, keys.get(m.line.id, ""), now)
            for m in moves
        ),
    )


def _versions(product_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    states = QueueState.objects.filter(any_of("product_id", product_ids))
    demand = dict(states.values_list("product_id", "demand_version"))
    supply = Product.objects.filter(any_of("pk", product_ids)).values_list("pk", "supply_version")
    return {product_id: (demand.get(product_id, 0), version) for product_id, version in supply}


def _remember(versions: Mapping[int, tuple[int, int]], *, served: bool, today: date) -> None:
    """Note the versions that were read before the lines were: whatever changed since makes the promises due again."""
    ids = sorted(versions)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO backorders_queuestate AS state (product_id, demand_version, promised_demand_version,
                promised_supply_version, served_demand_version, served_supply_version, promised_for)
            SELECT id, demand, demand, supply, CASE WHEN %(served)s THEN demand ELSE 0 END,
                CASE WHEN %(served)s THEN supply ELSE 0 END, %(today)s
            FROM unnest(%(ids)s::bigint[], %(demand)s::int[], %(supply)s::int[]) AS seen (id, demand, supply)
            ON CONFLICT (product_id) DO UPDATE SET
                promised_demand_version = EXCLUDED.promised_demand_version,
                promised_supply_version = EXCLUDED.promised_supply_version,
                served_demand_version = GREATEST(state.served_demand_version, EXCLUDED.served_demand_version),
                served_supply_version = GREATEST(state.served_supply_version, EXCLUDED.served_supply_version),
                promised_for = EXCLUDED.promised_for
            """,
            {
                "served": served,
                "today": today,
                "ids": ids,
                "demand": [versions[product_id][0] for product_id in ids],
                "supply": [versions[product_id][1] for product_id in ids],
            },
        )


def last_told(line_ids: Iterable[int]) -> dict[int, date | None]:
    """The date that the customer of each line heard last, or hears by the email that waits to leave; lines of which
    nobody heard or will hear are not in it."""
    return dict(
        Promise.objects.announced()
        .filter(any_of("line_id", line_ids))
        .order_by("line_id", "-pk")
        .distinct("line_id")
        .values_list("line_id", "promised_on")
    )


def _moved_by_more(heard: date | None, new: date | None, threshold: timedelta) -> bool:
    if heard is None or new is None:
        return heard != new
    return abs(new - heard) > threshold
