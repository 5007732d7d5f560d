"""What the database refuses about orders, shipments, runs and settings even to raw SQL."""

import pytest
from django.db import DatabaseError, IntegrityError

from tests.backorders.models.refusing import refused, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("status = 'shipped', shipped_at = now() WHERE id = {pick_list}", "units are still on this pick list"),
        ("status = 'cancelled' WHERE id = {pick_list}", "units are still on this pick list"),
        ("status = 'shipped' WHERE id = {pick_list}", "shipment_dated_iff_shipped|units are still"),
        ("status = 'lost' WHERE id = {pick_list}", "units are still|shipment_status_known"),
        ("order_id = {order} WHERE id = {pick_list}", "never change"),
        ("carrier = 'DHL', tracking_number = 'JD1' WHERE id = {pick_list}", "tracking_number_unique_per_carrier"),
        ("carrier = 'UPS' WHERE id = {left}", "stays as it is"),
        ("status = 'picking', shipped_at = NULL WHERE id = {left}", "stays as it is"),
    ],
)
def test_a_shipment_leaves_with_its_units_and_then_stays(desk, change, match):
    refused(desk, f"UPDATE backorders_shipment SET {change}", match=match)


def test_a_shipment_does_not_start_as_shipped(desk):
    columns = "number, order_id, warehouse_id, status, carrier, tracking_number, picked_at, shipped_at"
    values = "'SH-X', {order}, {main}, 'shipped', '', '', now(), now()"

    refused(desk, f"INSERT INTO backorders_shipment ({columns}) VALUES ({values})", match="starts as a pick list")


def test_nothing_leaves_empty(desk):
    columns = "id, number, order_id, warehouse_id, status, carrier, tracking_number, picked_at"
    values = f"-1, 'SH-X', {desk.order}, {desk.main}, 'picking', '', '', now()"
    run(f"INSERT INTO backorders_shipment ({columns}) VALUES ({values})")

    refused(
        desk,
        "UPDATE backorders_shipment SET status = 'shipped', shipped_at = now() WHERE id = -1",
        match="nothing has left",
    )


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("status = 'shipped' WHERE id = {order}", "follows its lines"),
        ("status = 'cancelled' WHERE id = {order}", "follows its lines"),
        ("status = 'partly_shipped' WHERE id = {order}", "follows its lines"),
        ("status = 'lost' WHERE id = {order}", "follows its lines|order_status_known"),
        ("status = 'open' WHERE id = {gone}", "follows its lines|Invalid transition"),
        ("customer_id = customer_id + 1 WHERE id = {order}", "never change"),
        ("external_number = 'other' WHERE id = {order}", "never change"),
        ("number = 'other' WHERE id = {order}", "never change"),
        ("currency = 'euro' WHERE id = {order}", "order_currency_is_iso|too long"),
        ("channel = E'a\\u0007b' WHERE id = {order}", "sales_order_channel_is_plain_text"),
        ("customer_reference = E'a\\nb' WHERE id = {order}", "customer_reference_is_plain_text"),
        ("customer_reference = U&'a\\202Eb' WHERE id = {order}", "customer_reference_is_plain_text"),
    ],
)
def test_an_order_is_not_rewritten(desk, change, match):
    refused(desk, f"UPDATE backorders_salesorder SET {change}", by=DatabaseError, match=match)


@pytest.mark.parametrize(
    ("number", "match"),
    [
        ("lower('{number}')", "external_number_unique_in_source"),
        ("'{number} '", "external_number_is_trimmed"),
        ("''", "external_number_is_trimmed"),
        ("U&'o\\0308'", "external_number_is_normal"),
        ("E'T-1\\u0000b'", "invalid Unicode escape|invalid byte"),
        ("U&'T\\200F1'", "external_number_is_plain_text"),
    ],
)
def test_an_external_number_comes_once_and_clean(desk, number, match):
    columns = (
        "number, customer_id, source, external_number, content_hash, customer_reference, channel, currency,"
        " ship_complete, status, version, placed_at"
    )
    values = f"'SO-X', {{customer}}, 'test', {number}, '', '', 'desk', 'EUR', false, 'open', 0, now()"

    refused(desk, f"INSERT INTO backorders_salesorder ({columns}) VALUES ({values})", by=DatabaseError, match=match)


NEW_RUN = (
    "INSERT INTO backorders_allocationrun (kind, status, business_date, policy_version_id, policy_snapshot, cause,"
    " started_at, lines, pools, lines_changed, units_allocated, units_open, exceptions, error)"
    " SELECT {kind}, {status}, business_date, policy_version_id, '{{}}', '', now(), 0, 0, 0, 0, 0, 0, ''"
    " FROM backorders_allocationrun WHERE kind = 'nightly'"
)


@pytest.mark.parametrize(
    ("kind", "status", "match"),
    [
        ("'nightly'", "'running'", "one_nightly_run_per_business_date"),
        ("'hourly'", "'running'", "run_kind_known"),
        ("'manual'", "'paused'", "run_status_known"),
        ("'manual'", "'finished'", "run_undated_iff_unended"),
    ],
)
def test_an_impossible_run_is_refused(desk, kind, status, match):
    with pytest.raises(IntegrityError, match=match):
        run(NEW_RUN.format(kind=kind, status=status))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("allocationrun SET status = 'running', finished_at = NULL", "Invalid transition"),
        ("allocationrun SET business_date = '2020-01-01'", "never change"),
        ("allocationrun SET policy_snapshot = '{{}}'", "never change"),
        ("runshard SET done_at = NULL", "done once"),
        ("runshard SET done_at = now()", "done once"),
        ("runshard SET product_ids = ARRAY[{drill}]", "never change|done once"),
        ("desksettings SET id = 2", "desk_settings_is_one_row"),
        ("desksettings SET nightly_hour = 24", "nightly_hour_is_an_hour"),
        ("allocationpolicy SET is_default = true", "one_default_policy"),
        ("allocationpolicy SET active = false WHERE is_default", "default_policy_is_in_use"),
        ("policyversion SET comment = 'other'", "permission denied|never_changed"),
    ],
)
def test_runs_policies_and_settings_stay_within_their_rules(desk, change, match):
    refused(desk, f"UPDATE backorders_{change}", by=DatabaseError, match=match)


def test_a_promise_for_no_line_is_refused(desk):
    refused(
        desk,
        "INSERT INTO backorders_promise (line_id, source, source_reference, cause, message_key, made_at)"
        " VALUES (-1, 'stock', '', 'run', '', now())",
        match="does not exist",
    )
