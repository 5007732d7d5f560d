from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connections

from backorders.enums import AuditedLedger
from backorders.models import AuditSeal
from backorders.oversight import audit
from backorders.oversight.audit import seal_audit
from backorders.oversight.queries.audit import first_broken_seal
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, ProductFactory, StockEntryFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def stock_seals() -> list[tuple[int, int]]:
    """How many rows each seal of the stock ledger covers, and how far behind what was observed it ends."""
    seals = AuditSeal.objects.filter(ledger=AuditedLedger.STOCK).order_by("pk")
    return [(seal.rows, seal.observed_id - seal.last_id) for seal in seals]


def test_the_first_sealing_only_notes_where_the_ledgers_stand():
    StockEntryFactory.create_batch(3, stock_level=StockLevelFactory())

    seals = seal_audit(now=MONDAY)

    assert [(seal.ledger, seal.rows, seal.last_id) for seal in seals] == [
        ("stock", 0, 0),
        ("timeline", 0, 0),
        ("promises", 0, 0),
        ("likely_dates", 0, 0),
    ]


def test_a_seal_goes_as_far_as_the_ledger_stood_at_the_last_sealing():
    level = StockLevelFactory()
    StockEntryFactory.create_batch(3, stock_level=level)
    seal_audit(now=MONDAY)
    StockEntryFactory.create_batch(2, stock_level=level)

    seal_audit(now=MONDAY + DAY)
    seal_audit(now=MONDAY + 2 * DAY)

    assert [rows for rows, _ in stock_seals()] == [0, 3, 2]
    assert [behind for _, behind in stock_seals()][1:] == [2, 0]


def test_nothing_is_sealed_while_a_transaction_of_that_time_may_still_write():
    StockEntryFactory(stock_level=StockLevelFactory())
    seal_audit(now=MONDAY)

    seals = seal_audit(now=MONDAY + timedelta(hours=2))  # this very test is such a transaction

    assert seals == []


def test_sealing_again_without_news_writes_nothing():
    order_for({ProductFactory(): 2})
    for days in range(3):
        seal_audit(now=MONDAY + days * DAY)
    before = AuditSeal.objects.count()

    assert seal_audit(now=MONDAY + 3 * DAY) == []
    assert AuditSeal.objects.count() == before


def test_a_long_ledger_is_sealed_in_batches_that_follow_each_other(monkeypatch):
    monkeypatch.setattr(audit, "ROWS_PER_SEAL", 2)
    StockEntryFactory.create_batch(5, stock_level=StockLevelFactory())
    seal_audit(now=MONDAY)

    seal_audit(now=MONDAY + DAY)

    seals = list(AuditSeal.objects.filter(ledger=AuditedLedger.STOCK).order_by("pk"))
    assert [seal.rows for seal in seals] == [0, 2, 2, 1]
    for before, after in pairwise(seals):
        assert (after.previous_hash, after.first_id) == (before.hash, before.last_id + 1)
    assert first_broken_seal(AuditedLedger.STOCK) is None


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_a_likely_date_that_was_rewritten_breaks_its_seal():
    order_for({StockLevelFactory(on_hand=2).product: 2})
    for days in range(2):
        seal_audit(now=MONDAY + days * DAY)
    rewrite("p50_on - 1")

    broken = first_broken_seal(AuditedLedger.LIKELY_DATES)

    assert broken
    assert broken["problem"] == "the rows say something else than when they were sealed"
    assert first_broken_seal(AuditedLedger.PROMISES) is None
    rewrite("p50_on + 1")


def rewrite(likely: str) -> None:
    """As somebody does who owns the database."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE backorders_promise DISABLE TRIGGER ALL")
        cursor.execute(f"UPDATE backorders_promise SET p50_on = {likely}")
        cursor.execute("ALTER TABLE backorders_promise ENABLE TRIGGER ALL")
