"""Ready-made database triggers: what must hold even against the admin, the shell and raw SQL."""

from collections.abc import Mapping

import pgtrigger
from django.db import models

# Rows that come from a statement of the program; those that another trigger writes it also counts itself.
BY_THEMSELVES = pgtrigger.Condition("pg_trigger_depth() = 0")


def append_only() -> list[pgtrigger.Trigger]:
    """Rows are only ever added: no change, no deletion, no truncation."""
    return [
        pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update),
        *never_deleted(),
    ]


def never_deleted() -> list[pgtrigger.Trigger]:
    """Rows with a history stay."""
    return [
        pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        pgtrigger.Trigger(
            name="never_truncated",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'this table is never truncated';",
        ),
    ]


def state_machine(field: str, transitions: Mapping[str, set[str]]) -> pgtrigger.Trigger:
    """Only the moves of the transition table that lives beside the status's enum."""
    moves = sorted((str(start), str(end)) for start, ends in transitions.items() for end in ends)
    return pgtrigger.FSM(name=f"{field}_moves_by_the_table", field=field, transitions=moves)


def state_machine_of_many(field: str, transitions: Mapping[str, set[str]]) -> pgtrigger.Trigger:
    """The same for rows that are moved by the ten thousand: no function is called for a move that is allowed."""
    moves = ", ".join(f"'{start}:{end}'" for start, ends in sorted(transitions.items()) for end in sorted(ends))
    return refuse(
        f"{field}_moves_by_the_table",
        when=f"OLD.{field} <> NEW.{field} AND (OLD.{field} || ':' || NEW.{field}) <> ALL (ARRAY[{moves}])",
        operation=pgtrigger.Update,
        message=f"this move of {field} is not in its table",
    )


def refuse(name: str, *, when: str, operation: pgtrigger.Operation, message: str) -> pgtrigger.Trigger:
    """Refuse the row where the SQL condition `when` holds, with a message a person can read."""
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.Before,
        condition=pgtrigger.Condition(when),
        func=f"RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = '{message}';",
    )


def frozen(*columns: str, name: str = "facts_are_frozen") -> pgtrigger.Trigger:
    """These columns never change after the insert."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return refuse(name, when=changed, operation=pgtrigger.Update, message=f"{', '.join(columns)} never change")


def derived(*columns: str) -> list[pgtrigger.Trigger]:
    """Counters that only another table's trigger may move; a new row starts at zero."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    started = " OR ".join(f"NEW.{column} <> 0" for column in columns)
    names = ", ".join(columns)
    return [
        refuse(
            "counters_follow_their_ledger",
            when=f"pg_trigger_depth() = 0 AND ({changed})",
            operation=pgtrigger.Update,
            message=f"{names} are moved by their ledger only",
        ),
        refuse("counters_start_at_zero", when=started, operation=pgtrigger.Insert, message=f"{names} start at zero"),
    ]


def is_append_only(model: type[models.Model]) -> bool:
    """Whether the model declares `append_only()`, or is a history that pghistory keeps so.

    Its table is then granted for reading and inserting only.
    """
    names = {trigger.name for trigger in getattr(model._meta, "triggers", [])}
    return bool(names & {"never_changed", "append_only"})
