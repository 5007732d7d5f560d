"""What the application's role has no right to: deleting history, rewriting ledgers, switching triggers off."""

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from backorders.models import Allocation, AllocationRun, LineEvent, Promise, SalesOrder
from tests.backorders.models.refusing import refused, run

pytestmark = pytest.mark.django_db
LEDGERS = ["backorders_lineevent", "backorders_promise", "backorders_runresult", "backorders_auditseal"]
KEPT = [
    *LEDGERS,
    "backorders_salesorder",
    "backorders_orderline",
    "backorders_allocation",
    "backorders_shipment",
    "backorders_allocationrun",
    "backorders_runshard",
    "backorders_serving",
    "backorders_allocationpolicy",
    "backorders_desksettings",
]


@pytest.mark.parametrize("table", KEPT)
def test_rows_with_a_history_are_never_deleted(desk, table):
    refused(desk, f"DELETE FROM {table}", by=DatabaseError, match="Cannot delete rows|permission denied")


@pytest.mark.parametrize("table", KEPT)
def test_no_table_is_truncated(table):
    with pytest.raises(ProgrammingError, match="permission denied"):
        run(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "change",
    [
        "backorders_lineevent SET quantity = quantity + 1",
        "backorders_lineevent SET note = 'another'",
        "backorders_promise SET promised_on = '2030-01-01'",
        "backorders_runresult SET after = 99",
        "backorders_salesorderevent SET status = 'open'",
        "inventory_productevent SET price = 0",
    ],
)
def test_a_ledger_is_never_changed(desk, change):
    refused(desk, f"UPDATE {change}", by=ProgrammingError, match="permission denied")


@pytest.mark.parametrize("table", ["backorders_salesorderevent", "inventory_productevent", "customers_customerevent"])
def test_the_history_of_master_data_is_never_deleted(desk, table):
    refused(desk, f"DELETE FROM {table}", by=ProgrammingError, match="permission denied")


@pytest.mark.parametrize("table", KEPT)
def test_the_application_cannot_switch_triggers_off(table):
    for statement in (
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS x",
        f"DROP TABLE {table} CASCADE",
    ):
        with pytest.raises(ProgrammingError, match="must be owner"):
            run(statement)


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        ("SET session_replication_role = replica", "permission denied"),
        ("CREATE TABLE mine (id int)", "permission denied"),
        ("CREATE TEMPORARY TABLE mine (id int)", "permission denied"),
        ("CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "permission denied"),
        ("CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "permission denied"),
        ("CREATE SCHEMA mine", "permission denied"),
        ("CREATE ROLE mine", "permission denied"),
        ("ALTER ROLE backorder_app SUPERUSER", "permission denied|must be superuser"),
        ("SET ROLE backorder_owner", "permission denied"),
        ("SELECT setval('backorders_allocation_id_seq', 1)", "permission denied"),
        ("DROP FUNCTION _pgtrigger_should_ignore(name)", "must be owner"),
        ("COPY backorders_allocation TO PROGRAM 'cat'", "permission denied"),
    ],
)
def test_the_application_has_no_way_around_its_rights(statement, match):
    with pytest.raises(DatabaseError, match=match):
        run(statement)


def test_naming_a_trigger_in_the_session_does_not_switch_it_off(desk):
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(tgname)::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'")
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [cursor.fetchone()[0]])

    refused(desk, "UPDATE backorders_orderline SET allocated = 0 WHERE id = {line}", match="moved by the allocations")
    refused(desk, "DELETE FROM backorders_allocation", by=DatabaseError, match="Cannot delete rows")


def test_the_orm_deletes_no_fact(desk):
    for row in (
        SalesOrder.objects.get(pk=desk.order),
        Allocation.objects.get(pk=desk.held),
        AllocationRun.objects.get(pk=desk.run),
        LineEvent.objects.first(),
        Promise.objects.first(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.delete()
