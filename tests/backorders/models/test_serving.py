"""The doorway by which a run writes many lines at once: all of it or nothing, and nothing that could not be."""

from datetime import date

import pytest

from backorders.models import Allocation, OrderLine, Promise, Serving
from inventory.models import StockLevel
from tests.backorders.models.refusing import refused, run

pytestmark = pytest.mark.django_db
TAKEN, KEPT = "{line}, {pool}, {held}, 3, 1", "{line}, 0, 0, 0, 0"
STAYS, MOVES = "false, NULL, NULL, '', '', ''", "true, '2030-01-01', '2030-02-01', 'overdue', 'PO-7', ''"
SLIPS = "true, '2030-01-01', '2030-02-02', 'overdue', 'PO-7', ''"


def serving(*rows):
    """Serves these lines: line, pool, allocation that ends, units before and after; then the date."""
    columns = zip(*([value.strip() for value in row.split(",")] for row in rows), strict=True)
    kinds = ["bigint", "bigint", "bigint", "int", "int", "bool", "date", "date", "text", "text", "text"]
    arrays = [f"ARRAY[{', '.join(column)}]::{kind}[]" for column, kind in zip(columns, kinds, strict=True)]
    return (
        "INSERT INTO backorders_serving (run_id, made_at, cause, lines, levels, ended, before, after, is_moved, p50_on,"
        f" promised_on, sources, refs, message_keys) VALUES ({{run}}, now(), 'run', {', '.join(arrays)})"
    )


def test_a_line_gets_its_units_and_its_date_at_once(desk):
    run(serving(f"{TAKEN}, {MOVES}").format(**vars(desk)))

    line = OrderLine.objects.get(pk=desk.line)
    assert (line.allocated, line.promised_on, line.p50_on) == (1, date(2030, 2, 1), date(2030, 1, 1))
    assert line.promise_source == "overdue"
    assert StockLevel.objects.get(pk=desk.pool).reserved == 5, "3 units became 1, beside the 4 of the pick list"
    assert Allocation.objects.get(pk=desk.held).state == "released"
    now_held = Allocation.objects.active().get(line=desk.line)
    assert (now_held.quantity, now_held.kind, now_held.run_id) == (1, "soft", desk.run)
    assert Promise.objects.filter(line=desk.line).latest("pk").source_reference == "PO-7"
    assert not Serving.objects.exists(), "the row itself is not kept"


def test_a_line_may_keep_its_units_or_its_date(desk):
    before = OrderLine.objects.get(pk=desk.line)

    run(serving(f"{KEPT}, {MOVES}").format(**vars(desk)))
    moved = OrderLine.objects.get(pk=desk.line)
    run(serving(f"{KEPT}, {SLIPS}").format(**vars(desk)))
    run(serving(f"{TAKEN}, {STAYS}").format(**vars(desk)))
    taken = OrderLine.objects.get(pk=desk.line)

    assert (moved.allocated, moved.promised_on) == (before.allocated, date(2030, 2, 1))
    assert (taken.allocated, taken.promised_on) == (1, date(2030, 2, 2))
    assert taken.times_slipped == moved.times_slipped + 1


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        (["999999, 0, 0, 0, 0"], "names each line once"),
        ([KEPT, TAKEN], "names each line once"),
        (["{line}, {far_pool}, 0, 0, 1"], "own product and warehouse"),
        (["{line}, {other_pool}, 0, 0, 1"], "own product and warehouse"),
        (["{line}, 999999, 0, 0, 1"], "own product and warehouse"),
        (["{gone_line}, {pool}, {held}, 3, 1"], "replaces soft allocations"),
        (["{line}, {pool}, {held}, 2, 1"], "replaces soft allocations"),
        (["{line}, {pool}, {picked}, 4, 1"], "replaces soft allocations"),
        (["{line}, {far_pool}, {held}, 3, 1"], "replaces soft allocations"),
        (["{line}, {pool}, 0, 3, 1"], "units come from a pool"),
        (["{line}, {pool}, {held}, 0, 1"], "units come from a pool"),
        (["{line}, 0, 0, 0, 1"], "units come from a pool"),
        (["{line}, {pool}, {held}, 3, -1"], "units come from a pool"),
        (["{line}, {pool}, NULL, 3, 0"], "units come from a pool"),
        (["{line}, {pool}, {held}, NULL, 0"], "units come from a pool"),
        (["{line}, {pool}, {held}, 3, NULL"], "units come from a pool"),
        (["{line}, NULL, 0, 0, 1"], "units come from a pool"),
        ([KEPT, "NULL, {pool}, 0, 0, 1"], "units come from a pool"),
        (["{line}, {pool}, 0, 0, 1"], "one_active_allocation_per_line_and_pool"),
        (["{line}, {pool}, {held}, 3, 6"], "line_quantities_nest"),
        (["{line}, {pool}, {held}, 3, 4"], "reserved_within_on_hand"),
        (["{gone_line}, {pool}, 0, 0, 1"], "line_quantities_nest"),
    ],
)
def test_what_cannot_be_is_refused_as_a_whole(desk, rows, match):
    refused(desk, serving(*(f"{row}, {STAYS}" for row in rows)), match=match)

    assert Allocation.objects.get(pk=desk.held).state == "active"


@pytest.mark.parametrize(
    ("move", "match"),
    [
        ("true, '2030-02-01', '2030-01-01', 'overdue', '', ''", "promise_p50_not_after_p80"),
        ("true, NULL, NULL, 'tarot', '', ''", "source_known"),
    ],
)
def test_a_promise_that_cannot_be_is_refused(desk, move, match):
    refused(desk, serving(f"{TAKEN}, {move}"), match=match)


def test_nobody_moves_counters_but_a_ledger(desk):
    refused(desk, "SELECT backorders_move_lines(ARRAY[{line}], after => ARRAY[1])", match="by the allocations only")
    moves = "is_moved => ARRAY[true], promised_on => ARRAY[date '2030-02-01'], sources => ARRAY['stock']"
    refused(desk, f"SELECT backorders_move_lines(ARRAY[{{line}}], {moves})", match="dates by the promises only")
    refused(desk, "SELECT backorders_move_lines(ARRAY[0], ARRAY[{pool}], after => ARRAY[1])", match="by their ledger")
