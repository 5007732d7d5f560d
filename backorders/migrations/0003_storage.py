"""Room in the pages of the hot tables, so that a run's updates stay within the page; the number sequences; and the
function by which counters and dates follow their ledgers."""

from django.db import migrations

from config.lib.migrations import number_sequence, page_fill

# Only triggers get this far: the tables refuse such updates from anybody else, see `counters_follow_their_ledger`.
# A row is what a line holds of one pool before and after, or a date that moves; other arrays may be left out. All of a
# line is one update, since a row that is updated twice in a transaction has its foreign keys checked again. Rows are
# looked up by their keys, since they are few of many: a hash join would read whole tables.
MOVE_LINES = """
    CREATE FUNCTION backorders_move_lines(
        lines bigint[], levels bigint[] DEFAULT NULL, before int[] DEFAULT NULL, after int[] DEFAULT NULL,
        shipped int[] DEFAULT NULL, is_moved boolean[] DEFAULT NULL, p50_on date[] DEFAULT NULL,
        promised_on date[] DEFAULT NULL, sources text[] DEFAULT NULL
    ) RETURNS bigint LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    DECLARE
        touched bigint;
    BEGIN
        UPDATE backorders_orderline AS line SET
            allocated = line.allocated + change.units,
            shipped = line.shipped + change.shipped,
            promised_on = CASE WHEN change.is_moved THEN change.promised_on ELSE line.promised_on END,
            p50_on = CASE WHEN change.is_moved THEN change.p50_on ELSE line.p50_on END,
            promise_source = CASE WHEN change.is_moved THEN change.source ELSE line.promise_source END,
            times_slipped = line.times_slipped + CASE
                WHEN change.is_moved AND (change.promised_on > line.promised_on
                    OR (change.promised_on IS NULL AND line.promised_on IS NOT NULL)) THEN 1 ELSE 0 END
        FROM (
            SELECT named.line, SUM(COALESCE(named.after, 0) - COALESCE(named.before, 0)) AS units,
                SUM(COALESCE(named.shipped, 0)) AS shipped, bool_or(named.is_moved) AS is_moved,
                MAX(named.p50_on) AS p50_on, MAX(named.promised_on) AS promised_on, MAX(named.source) AS source
            FROM unnest($1, $3, $4, $5, $6, $7, $8, $9)
                AS named (line, before, after, shipped, is_moved, p50_on, promised_on, source)
            GROUP BY named.line
        ) AS change
        WHERE line.id = change.line;
        GET DIAGNOSTICS touched = ROW_COUNT;
        UPDATE inventory_stocklevel AS level SET reserved = level.reserved + change.units
        FROM (
            SELECT named.level, SUM(COALESCE(named.after, 0) - COALESCE(named.before, 0)) AS units
            FROM unnest($2, $3, $4) AS named (level, before, after) WHERE named.level <> 0 GROUP BY named.level
        ) AS change
        WHERE level.id = change.level AND change.units <> 0;
        RETURN touched;
    END
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("backorders", "0002_reference_rows")]

    operations = [
        page_fill("backorders_orderline", percent=55),
        page_fill("backorders_queuestate", percent=50),
        number_sequence("sales_order_number", start=1001),
        number_sequence("shipment_number", start=1),
        migrations.RunSQL(MOVE_LINES, "DROP FUNCTION backorders_move_lines"),
    ]
