"""The doorway by which a run writes many lines at once."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BigIntegerField, BooleanField, DateField, IntegerField, TextField

from backorders.enums import PromiseCause
from config.lib.triggers import append_only

# Its columns are taken apart step by step; nothing is written unless all of it can be.
_SERVE = """
    -- Rows are looked up by their keys, since they are few of many: a hash join would read whole tables for each shard.
    PERFORM set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);
    -- An array with a hole would skip a line without a word, and so would units that come from nowhere.
    IF EXISTS (
        SELECT FROM unnest(NEW.lines, NEW.levels, NEW.ended, NEW.before, NEW.after, NEW.is_moved)
            AS change (line, level, ended, before, after, is_moved)
        WHERE line IS NULL OR is_moved IS NULL OR (
            (ended = 0) <> (before = 0) OR (level = 0 AND (before <> 0 OR after <> 0)) OR after < 0
        ) IS DISTINCT FROM false
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'units come from a pool, or from an allocation';
    END IF;

    -- What lines hold ends first: a line has one soft allocation of a pool at a time. It must be as the run read it.
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

    -- Then what they hold from now on. The joins stand for the foreign keys, which are not checked row by row.
    INSERT INTO backorders_allocation
        (line_id, product_id, stock_level_id, quantity, kind, state, run_id, made_at)
    SELECT line.id, level.product_id, level.id, change.after, 'soft', 'active', NEW.run_id, NEW.made_at
    FROM unnest(NEW.lines, NEW.levels, NEW.after) AS change (line, level, after)
    JOIN inventory_stocklevel AS level ON level.id = change.level
    JOIN backorders_orderline AS line ON line.id = change.line
        AND line.product_id = level.product_id AND line.warehouse_id = level.warehouse_id
    WHERE change.after <> 0;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> (SELECT COUNT(*) FROM unnest(NEW.after) AS units WHERE units <> 0) THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
            MESSAGE = 'a run gives units of a pool of the line''s own product and warehouse';
    END IF;

    -- The ledger of promises: its own trigger leaves the lines alone here, since they are moved below.
    INSERT INTO backorders_promise
        (line_id, p50_on, promised_on, source, source_reference, cause, message_key, made_at)
    SELECT line, p50_on, promised_on, source, reference, NEW.cause, message_key, NEW.made_at
    FROM unnest(NEW.lines, NEW.is_moved, NEW.p50_on, NEW.promised_on, NEW.sources, NEW.refs, NEW.message_keys)
        AS change (line, is_moved, p50_on, promised_on, source, reference, message_key)
    WHERE is_moved;

    -- Last the lines, units and dates in one update, and the pools. A line that is named twice, or is not there, is
    -- missing among those touched.
    touched := backorders_move_lines(
        lines => NEW.lines, levels => NEW.levels, before => NEW.before, after => NEW.after, is_moved => NEW.is_moved,
        p50_on => NEW.p50_on, promised_on => NEW.promised_on, sources => NEW.sources
    );
    IF touched <> cardinality(NEW.lines) THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', MESSAGE = 'a run names each line once';
    END IF;
    PERFORM set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true);
    RETURN NULL;
"""


class Serving(models.Model):
    """An order to the database, and no row: the table is always empty, since its trigger carries out what is inserted.

    It says what a run gives and takes, and which dates it moves: some thousand lines as one row of columns. Allocations
    and promises are written, and the counters of lines and pools follow. It is a table and no function, since counters
    are moved by triggers only: a function that anybody may call would have to be let in by all of them.

    A line stands in it once. `levels` 0: what it holds stays; `ended` 0: it held nothing; `is_moved` false: its promise
    stays.
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
