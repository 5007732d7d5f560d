"""What lines wait for by the word of a run, and who has lent what to whom, as sentences tell it."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Q
from django.utils.formats import date_format

from backorders.engine.allocation.explanation import Reason
from backorders.models import OrderLine, RunResult, RunWait
from config.lib.bulk import any_of

TOLD_IN_FULL = {Reason.WAITS_FOR_GOODS, Reason.LENT, Reason.BORROWED}
Key = tuple[int, int]  # a run and a line


def waits_in_words(results: Collection[RunResult]) -> Mapping[Key, str]:
    """For results whose reason is goods on their way: which, how many of them, and by when."""
    asked = {(row.run_id, row.line_id): row.reason for row in results if row.reason in TOLD_IN_FULL}
    if not asked:
        return {}
    lines = {line_id for _, line_id in asked}
    concerned = Q(any_of("line_id", lines)) | Q(any_of("lent_to_id", lines))
    rows = RunWait.objects.filter(concerned, any_of("run_id", {run_id for run_id, _ in asked}))
    waits = list(rows.select_related("purchase_line__purchase_order").order_by("due_on", "pk"))
    others = {line_id for wait in waits for line_id in (wait.line_id, wait.lent_to_id) if line_id}
    names = {line.pk: str(line) for line in OrderLine.objects.select_related("order").filter(pk__in=others)}
    sentences: dict[Key, list[str]] = defaultdict(list)
    for wait in waits:
        goods, day = wait.purchase_line.purchase_order, date_format(wait.due_on, "j M Y")
        units = f"{wait.units} unit{'' if wait.units == 1 else 's'}"
        brings = f"{goods} brings {'it' if wait.units == 1 else 'them'} back by {day}"
        key = wait.run_id, wait.line_id
        if wait.lent_to_id is None:
            sentences[key].append(f"{units} of {goods} by {day}")
        else:
            sentences[key].append(f"{units} lent to {names[wait.lent_to_id]}: {brings}")
            sentences[wait.run_id, wait.lent_to_id].append(f"{units} lent by {names[wait.line_id]} until {brings}")
    return {key: _joined(asked[key], parts) for key, parts in sentences.items() if key in asked}


def _joined(reason: str, parts: Collection[str]) -> str:
    if reason == Reason.WAITS_FOR_GOODS:
        return f"incoming goods cover the rest: {', '.join(parts)}"
    return ", ".join(parts)
