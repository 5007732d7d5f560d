import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backorders.models import AllocationRun, OrderLine, ShardSnapshot
from backorders.runs import allocate_stock as allocation
from tests.factories.backorders import order_for
from tests.factories.inventory import ProductFactory, StockEntryFactory, StockLevelFactory


def waiting(*, products: int) -> None:
    """Lines that wait, and then stock that no run has looked at."""
    for _ in range(products):
        product = ProductFactory()
        level = StockLevelFactory(product=product)
        order_for({product: 3})
        order_for({product: 2})
        StockEntryFactory(stock_level=level, delta=4)


def told(*arguments: str) -> tuple[dict, str]:
    out, progress = StringIO(), StringIO()
    call_command("allocate", "--json", *arguments, stdout=out, stderr=progress)
    return json.loads(out.getvalue()), progress.getvalue()


@pytest.mark.django_db(transaction=True)
def test_two_processes_share_a_run(monkeypatch):
    monkeypatch.setattr(allocation, "PRODUCTS_PER_SHARD", 1)
    waiting(products=6)

    figures, progress = told("--workers", "2")

    run = AllocationRun.objects.get(pk=figures["run"])
    assert (figures["lines"], figures["units_allocated"], run.shards.filter(done_at__isnull=False).count()) == (
        12,
        24,
        6,
    )
    assert "of 6 parts done" in progress
    assert sorted(OrderLine.objects.values_list("allocated", flat=True)) == [1] * 6 + [3] * 6


@pytest.mark.django_db(transaction=True)
def test_the_bar_moves_with_each_part_and_the_replay_is_identical(monkeypatch):
    monkeypatch.setattr(allocation, "PRODUCTS_PER_SHARD", 1)
    waiting(products=2)

    figures, progress = told()
    replay, _ = told("--replay", str(figures["run"]))

    assert progress.splitlines() == [
        f"[{'#' * 15}{'.' * 15}] 1 of 2 parts done",
        f"[{'#' * 30}] 2 of 2 parts done",
    ]
    assert (replay["identical"], replay["lines"], replay["result_hash"]) == (True, 4, figures["result_hash"])


@pytest.mark.django_db(transaction=True)
def test_a_replay_with_another_result_ends_with_one():
    waiting(products=1)
    figures, _ = told()
    AllocationRun.objects.filter(pk=figures["run"]).update(result_hash="0" * 64)

    with pytest.raises(SystemExit, match="1"):
        told("--replay", str(figures["run"]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [(["--replay", "404"], "There is no run 404"), (["--workers", "0"], "At least one process")],
)
def test_wrong_usage_is_told(arguments, problem):
    with pytest.raises(CommandError, match=problem):
        told(*arguments)


@pytest.mark.django_db(transaction=True)
def test_a_replay_of_what_is_no_longer_kept_is_refused():
    waiting(products=1)
    figures, _ = told()
    ShardSnapshot.objects.all().delete()

    with pytest.raises(CommandError, match="is gone"):
        told("--replay", str(figures["run"]))
