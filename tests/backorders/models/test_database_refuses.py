"""What the database refuses about lines and allocations even to raw SQL (spec/reliability.md, checklist 1)."""

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, transaction
from django.db.models import F

from backorders.enums import AllocationKind, AllocationState
from backorders.models import Allocation, OrderLine
from tests.backorders.models.refusing import refused, run

pytestmark = pytest.mark.django_db
# Named in the statements below as {name}: see `desk`.
NEW_LINE = (
    "INSERT INTO backorders_orderline (order_id, number, external_line, product_id, warehouse_id, ordered, allocated,"
    " shipped, cancelled, opening_shipped, unit_price, placed_at, first_filled, reason, manual_boost, times_slipped,"
    " promise_source{columns}) VALUES ({order}, 9, '9', {saw}, {main}, %s, now(), 0, '', 0, 0, ''{values})"
)
NEW_ALLOCATION = (
    "INSERT INTO backorders_allocation (line_id, product_id, stock_level_id, quantity, kind, state, made_at, ended_at,"
    " shipment_id) VALUES (%s)"
)


@pytest.mark.parametrize("change", ["allocated = allocated + 1", "allocated = 0", "shipped = 1", "shipped = ordered"])
def test_the_counters_of_a_line_follow_the_allocations(desk, change):
    refused(
        desk, f"UPDATE backorders_orderline SET {change} WHERE id = {{line}}", match="moved by the allocations only"
    )


def test_the_orm_moves_no_counter_either(desk):
    with pytest.raises(IntegrityError, match="moved by the allocations only"), transaction.atomic():
        OrderLine.objects.filter(pk=desk.line).update(allocated=F("allocated") - 1)
    line = OrderLine.objects.get(pk=desk.line)
    line.shipped = 2
    with pytest.raises(IntegrityError, match="moved by the allocations only"), transaction.atomic():
        line.save()


@pytest.mark.parametrize("change", ["promised_on = '2030-01-01'", "promise_source = 'overdue'"])
def test_the_date_of_a_line_follows_its_promises(desk, change):
    refused(desk, f"UPDATE backorders_orderline SET {change} WHERE id = {{line}}", match="dates by the promises only")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("ordered = 0", "line_ordered_within_bounds|line_first_fill_within_order"),
        ("ordered = 100001", "line_ordered_within_bounds"),
        ("ordered = -5", "check constraint"),
        ("ordered = allocated - 1", "line_quantities_nest|line_first_fill_within_order"),
        ("cancelled = ordered", "line_quantities_nest"),
        ("cancelled = -1", "check constraint|stays so"),
        ("unit_price = -0.01", "line_unit_price_within_bounds"),
        ("unit_price = 'NaN'", "line_unit_price_within_bounds"),
        ("reason = 'boredom', backordered_at = now()", "line_reason_known"),
        ("reason = ''", "backorder_has_a_reason"),
        ("backordered_at = NULL", "backorder_has_a_reason"),
        ("product_id = {drill}", "never change"),
        ("order_id = {gone}", "never change"),
        ("external_line = 'x'", "never change"),
        ("placed_at = now()", "never change"),
        ("first_filled = 0", "never change"),
        ("opening_shipped = 1", "never change"),
        ("warehouse_id = {far}", "stays with its warehouse"),
    ],
)
def test_an_impossible_line_is_refused(desk, change, match):
    refused(desk, f"UPDATE backorders_orderline SET {change} WHERE id = {{line}}", match=match)


def test_a_price_beyond_all_bounds_is_refused(desk):
    refused(desk, "UPDATE backorders_orderline SET unit_price = 10000000", by=DatabaseError, match="overflow")


@pytest.mark.parametrize("change", ["is_open = false", "status = 'shipped'"])
def test_what_is_computed_of_a_line_is_never_written(desk, change):
    refused(
        desk, f"UPDATE backorders_orderline SET {change}", by=ProgrammingError, match="can only be updated to DEFAULT"
    )


def test_what_was_cancelled_stays_cancelled(desk):
    run(f"UPDATE backorders_orderline SET ordered = 7, cancelled = 2 WHERE id = {desk.line}")

    refused(desk, "UPDATE backorders_orderline SET cancelled = 1 WHERE id = {line}", match="stays so")


@pytest.mark.parametrize(
    ("quantities", "match"),
    [
        ("5, 1, 0, 0, 0, 0", "starts at zero"),
        ("5, 0, 1, 0, 0, 0", "starts at zero"),
        ("5, 0, 0, 6, 0, 0", "line_quantities_nest"),
        ("5, 0, 6, 0, 6, 0", "line_quantities_nest"),
        ("0, 0, 0, 0, 0, 0", "line_ordered_within_bounds"),
        ("5, 0, 0, 0, 0, 'NaN'", "line_unit_price_within_bounds"),
    ],
)
def test_a_line_starts_as_it_must(desk, quantities, match):
    refused(desk, NEW_LINE.replace("%s", quantities), match=match)


def test_the_key_of_a_line_is_plain_text(desk):
    statement = NEW_LINE.replace("'9'", "E'9\\t'").replace("%s", "5, 0, 0, 0, 0, 0")

    refused(desk, statement, match="one line of plain text")


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ("{line}, {drill}, {pool}, 1, 'pinned', 'active', now(), NULL, NULL", "not of one product and warehouse"),
        ("{line}, {saw}, {other_pool}, 1, 'pinned', 'active', now(), NULL, NULL", "not of one product and warehouse"),
        ("{line}, {drill}, {other_pool}, 1, 'pinned', 'active', now(), NULL, NULL", "not of one product and warehouse"),
        ("{line}, {saw}, {far_pool}, 1, 'pinned', 'active', now(), NULL, NULL", "not of one product and warehouse"),
        ("-1, {saw}, {pool}, 1, 'pinned', 'active', now(), NULL, NULL", "not of one product and warehouse"),
        ("{line}, {saw}, -1, 1, 'pinned', 'active', now(), NULL, NULL", "not of one product and warehouse"),
        ("{line}, {saw}, {pool}, 3, 'pinned', 'active', now(), NULL, NULL", "line_quantities_nest"),
        ("{gone_line}, {saw}, {pool}, 1, 'soft', 'active', now(), NULL, NULL", "line_quantities_nest"),
        ("{line}, {saw}, {pool}, 0, 'pinned', 'active', now(), NULL, NULL", "allocation_within_bounds"),
        ("{line}, {saw}, {pool}, 100001, 'pinned', 'active', now(), NULL, NULL", "allocation_within_bounds"),
        ("{line}, {saw}, {pool}, -1, 'pinned', 'active', now(), NULL, NULL", "check constraint"),
        ("{line}, {saw}, {pool}, 1, 'soft', 'active', now(), NULL, NULL", "one_active_allocation_per_line_and_pool"),
        ("{line}, {saw}, {pool}, 1, 'firm', 'active', now(), NULL, NULL", "allocation_kind_known"),
        ("{line}, {saw}, {pool}, 1, 'pinned', 'active', now(), now(), NULL", "allocation_ended_iff_not_active"),
        ("{line}, {saw}, {pool}, 1, 'pinned', 'released', now(), now(), NULL", "starts active"),
        ("{line}, {saw}, {pool}, 1, 'hard', 'shipped', now(), now(), {pick_list}", "starts active"),
        ("{line}, {saw}, {pool}, 1, 'hard', 'active', now(), NULL, NULL", "hard_allocation_has_a_shipment"),
        ("{line}, {saw}, {pool}, 1, 'soft', 'active', now(), NULL, {pick_list}", "hard_allocation_has_a_shipment"),
        ("{line}, {saw}, {pool}, 1, 'hard', 'active', now(), NULL, 999999", "a pick list takes"),
        ("{line}, {saw}, {pool}, 1, 'hard', 'active', now(), NULL, {pick_list}", "its own order"),
        ("{line}, {saw}, {pool}, 1, 'hard', 'active', now(), NULL, {left}", "while it is being picked"),
    ],
)
def test_an_impossible_allocation_is_refused(desk, values, match):
    refused(desk, NEW_ALLOCATION.replace("%s", values), match=match)


def test_a_wrong_row_does_not_hide_behind_a_right_one(desk):
    run(f"UPDATE backorders_orderline SET ordered = 7 WHERE id = {desk.line}")
    values = "{line}, {saw}, {pool}, 1, 'pinned', 'active', now(), NULL, NULL"
    wrong = values.replace("{saw}, {pool}", "{drill}, {other_pool}")

    statement = NEW_ALLOCATION.replace("%s", f"{values}), ({wrong}")

    refused(desk, statement, match="not of one product and warehouse")


def test_nobody_holds_what_is_not_there(desk):
    run(f"UPDATE backorders_orderline SET ordered = 100 WHERE id = {desk.line}")

    statement = NEW_ALLOCATION.replace("%s", "{line}, {saw}, {pool}, 4, 'pinned', 'active', now(), NULL, NULL")

    refused(desk, statement, match="reserved_within_on_hand")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("quantity = 2 WHERE id = {held}", "never change"),
        ("line_id = {gone_line} WHERE id = {held}", "never change"),
        ("stock_level_id = {far_pool} WHERE id = {held}", "never change"),
        ("product_id = {drill} WHERE id = {held}", "never change"),
        ("state = 'shipped', ended_at = now() WHERE id = {held}", "only_hard_allocations_ship"),
        ("state = 'released' WHERE id = {held}", "allocation_ended_iff_not_active"),
        ("ended_at = now() WHERE id = {held}", "allocation_ended_iff_not_active"),
        ("kind = 'hard' WHERE id = {held}", "hard_allocation_has_a_shipment"),
        ("kind = 'hard', shipment_id = {left} WHERE id = {held}", "while it is being picked"),
        ("kind = 'hard', shipment_id = {pick_list} WHERE id = {held}", "its own order"),
        ("kind = 'hard', shipment_id = 999999 WHERE id = {held}", "a pick list takes"),
        ("kind = 'soft' WHERE id = {picked}", "hard_allocation_has_a_shipment"),
        ("shipment_id = {pick_list} WHERE shipment_id = {left}", "stays as it is"),
        ("ended_at = now() WHERE shipment_id = {left}", "stays as it is"),
        ("state = 'active', ended_at = NULL WHERE shipment_id = {left}", "stays as it is"),
        ("state = 'released' WHERE shipment_id = {left}", "stays as it is"),
    ],
)
def test_an_allocation_is_neither_resized_nor_rewritten(desk, change, match):
    refused(desk, f"UPDATE backorders_allocation SET {change}", match=match)


def test_the_orm_rewrites_no_allocation(desk):
    held = Allocation.objects.filter(pk=desk.held)

    for change in ({"quantity": 1}, {"kind": AllocationKind.HARD}, {"state": AllocationState.SHIPPED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            held.update(**change)


def test_an_event_is_made_by_somebody_who_exists_or_by_nobody(desk):
    event = "INSERT INTO backorders_lineevent (line_id, kind, quantity, note, message_key, made_at, made_by_id)"

    run(f"{event} VALUES ({desk.line}, 'placed', 1, '', '', now(), NULL)")
    with pytest.raises(IntegrityError, match="a user who does not exist"):
        run(f"{event} VALUES ({desk.line}, 'placed', 1, '', '', now(), 999999)")
