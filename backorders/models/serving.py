"""The doorway by which a run writes many lines at once."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BigIntegerField, BooleanField, DateField, IntegerField, TextField

from backorders.enums import PromiseCause
from config.lib.triggers import append_only

# A line that is updated twice in a transaction has its foreign keys checked again, row by row. Here its allocation and
# its promise change in one update; nothing of it is written unless all of it can be.
_SERVE = """
    -- Rows are looked up by their keys, since they are few of many: a hash join would read whole tables for each shard.
    PERFORM set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);
    IF EXISTS (
        SELECT FROM unnest(NEW.lines, NEW.levels, NEW.ended, NEW.before, NEW.after, NEW.is_moved)
            AS change (line, level, ended, before, after, is_moved)
        WHERE line IS NULL OR is_moved IS NULL OR (
            (ended = 0) <> (before = 0) OR (level = 0 AND (before <> 0 OR after <> 0)) OR after < 0
        ) IS DISTINCT FROM false
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'units come from a pool, or from an allocation';
    END IF;

    UPDATE backorders_allocation AS held SET state = 'released', ended_at = NEW.made_at
    FROM unnest(NEW.lines, NEW.levels, NEW.ended, NEW.before) AS change (line, level, ended, before)
    WHERE change.ended <> 0 AND held.id = change.ended AND held.line_id = change.line
        AND held.stock_level_id = change.level AND held.quantity = change.before
        AND held.state = 'active' AND held.kind = 'soft' AND NOT held.is_away;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> (SELECT COUNT(*) FROM unnest(NEW.ended) AS id WHERE id <> 0) THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
            MESSAGE = 'a run replaces soft allocations that its lines hold, and nothing else';
    END IF;

    INSERT INTO backorders_allocation
        (line_id, product_id, stock_level_id, quantity, kind, state, run_id, made_at)
    SELECT change.line, level.product_id, level.id, change.after, 'soft', 'active', NEW.run_id, NEW.made_at
    FROM unnest(NEW.lines, NEW.levels, NEW.after) AS change (line, level, after)
    JOIN inventory_stocklevel AS level ON level.id = change.level
    WHERE change.after <> 0;

    INSERT INTO backorders_promise
        (line_id, p50_on, promised_on, source, source_reference, cause, message_key, made_at)
    SELECT line, p50_on, promised_on, source, reference, NEW.cause, message_key, NEW.made_at
    FROM unnest(NEW.lines, NEW.is_moved, NEW.p50_on, NEW.promised_on, NEW.sources, NEW.refs, NEW.message_keys)
        AS change (line, is_moved, p50_on, promised_on, source, reference, message_key)
    WHERE is_moved;

    UPDATE backorders_orderline AS line SET
        allocated = line.allocated + change.after - change.before,
        promised_on = CASE WHEN change.is_moved THEN change.promised_on ELSE line.promised_on END,
        p50_on = CASE WHEN change.is_moved THEN change.p50_on ELSE line.p50_on END,
        promise_source = CASE WHEN change.is_moved THEN change.source ELSE line.promise_source END,
        times_slipped = line.times_slipped + CASE
            WHEN change.is_moved AND (change.promised_on > line.promised_on
                OR (change.promised_on IS NULL AND line.promised_on IS NOT NULL)) THEN 1 ELSE 0 END
    FROM unnest(
        NEW.lines, NEW.levels, NEW.before, NEW.after, NEW.is_moved, NEW.p50_on, NEW.promised_on, NEW.sources
    ) AS change (line, level, before, after, is_moved, p50_on, promised_on, source)
    LEFT JOIN inventory_stocklevel AS level ON level.id = change.level
    WHERE line.id = change.line AND (change.level = 0
        OR (line.product_id = level.product_id AND line.warehouse_id = level.warehouse_id));
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> cardinality(NEW.lines) THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
            MESSAGE = 'a run names each line once, with a pool of the line''s own product and warehouse';
    END IF;

    UPDATE inventory_stocklevel AS level SET reserved = level.reserved + change.units
    FROM (
        SELECT level, SUM(after - before) AS units
        FROM unnest(NEW.levels, NEW.before, NEW.after) AS change (level, before, after) WHERE level <> 0 GROUP BY 1
    ) AS change
    WHERE level.id = change.level AND change.units <> 0;
    PERFORM set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true);
    RETURN NULL;
"""


class Serving(models.Model):
    """What a run gives and takes, and which dates it moves: some thousand lines as one row of columns.

    The table is always empty: the database does what the row says, allocations and promises with the counters of their
    lines and pools, and keeps no row. A line stands in it once. `levels` 0: what it holds stays; `ended` 0: it held
    nothing; `is_moved` false: its promise stays.
    """

    run_id = BigIntegerField()
    made_at = models.DateTimeField()
    cause = models.CharField(max_length=10, choices=PromiseCause)
    lines = ArrayField(BigIntegerField())
    levels = ArrayField(BigIntegerField())
    ended = ArrayField(BigIntegerField(), help_text="The allocations that are replaced.")
    before = ArrayField(IntegerField())
    after = ArrayField(IntegerField())
    is_moved = ArrayField(BooleanField())
    p50_on = ArrayField(DateField(null=True))
    promised_on = ArrayField(DateField(null=True))
    sources = ArrayField(TextField())
    refs = ArrayField(TextField())
    message_keys = ArrayField(TextField())

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="served_and_not_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("touched", "bigint")],
                func=_SERVE,
            ),
            *append_only(),
        ]

    def __str__(self) -> str:
        return f"What run {self.run_id} gives {len(self.lines)} lines"
