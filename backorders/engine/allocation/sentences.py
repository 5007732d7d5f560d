"""The explanation of a line as one English sentence, from stored figures alone."""

from collections.abc import Sequence

from backorders.engine.allocation.explanation import Reason

ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


def sentence(
    *,
    sku: str,
    reason: str,
    rank: int,
    queue_length: int,
    open_units: int,
    before: int,
    given: int,
    lines_before: int,
    units_before: int,
    kept_behind: int,
    more_units: int | None,
    elsewhere: Sequence[tuple[str, int]] = (),
    in_full: str = "",
) -> str:
    """What a customer-service person can read out; `elsewhere` names other warehouses and the units from there.
    `in_full` says the reason in more words.

    Raises ValueError for an unknown reason.
    """
    parts = [
        f"{_place(rank, queue_length)} in the queue for {sku}: {_outcome(open_units, before, given)}",
        *(f"{_units(units)} {'comes' if units == 1 else 'come'} from {code}" for code, units in elsewhere),
        _who_came_first(lines_before, units_before, kept_behind) if given < open_units else "",
        in_full or WHY[Reason(reason)],
        _what_would_help(more_units) if given < open_units and reason not in SAYS_ENOUGH else "",
    ]
    return "; ".join(part for part in parts if part) + "."


WHY = {
    Reason.FILLED: "",
    Reason.KEPT: "",
    Reason.PARTLY_FILLED: "",
    Reason.PACK_REMAINDER: "the rest is less than a whole pack",
    Reason.HELD_BACK_BELOW_MINIMUM_FILL: "the rest is below its minimum first delivery",
    Reason.NO_STOCK: "there was no stock",
    Reason.STOCK_WENT_TO_EARLIER_LINES: "",
    Reason.STOCK_KEPT_BY_HOLDERS: "",
    Reason.TAKEN_BACK: "",
    Reason.STRATEGY_FILL: "its class keeps its allocation but never gains",
    Reason.STRATEGY_LOSE: "its class gives up its allocation",
    Reason.EXCEPTION: "its guarantee is more than the stock, so nothing was changed",
    Reason.POOL_BLOCKED: "the guarantee of another line is more than the stock, so nothing was changed",
    Reason.FAIR_SHARE: "the stock was shared in proportion to the open quantities",
    Reason.KEPT_FOR_A_QUOTA: "a quota keeps some of the stock for others",
    Reason.ORDER_CANNOT_COMPLETE: "its order cannot be complete in time, so other lines get its stock",
    Reason.ROLLED_BACK: "the run was rolled back",
    Reason.NO_WAREHOUSE_HAS_ALL: "no single warehouse has all of it",
    Reason.WAITS_FOR_GOODS: "incoming goods cover the rest",
    Reason.LENT: "the rest is lent to other lines until incoming goods replace it; nobody is delayed",
    Reason.BORROWED: "a line ahead that does not need its stock yet has lent some",
}
SAYS_ENOUGH = {Reason.WAITS_FOR_GOODS, Reason.LENT, Reason.BORROWED}


def _units(count: int) -> str:
    return f"{count} unit" if count == 1 else f"{count} units"


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def _place(rank: int, queue_length: int) -> str:
    if queue_length == 1:
        return "Only line"
    return f"{_ordinal(rank)} of {queue_length}"


def _ordinal(rank: int) -> str:
    if rank <= len(ORDINALS):
        return ORDINALS[rank - 1]
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def _outcome(open_units: int, before: int, allocated: int) -> str:
    if allocated < before:
        return f"gives back {before - allocated} of {before} and keeps {allocated} of {open_units}"
    quantity = (
        f"all {_units(open_units)}"
        if allocated >= open_units
        else f"{allocated} of {open_units}"
        if allocated
        else f"nothing of {open_units}"
    )
    return f"keeps {quantity}" if allocated == before and allocated else f"gets {quantity}"


def _who_came_first(lines_before: int, units_before: int, kept_behind: int) -> str:
    ahead = f"{_units(units_before)} went to {_lines(lines_before)} ahead of it" if units_before else ""
    behind = f"{_units(kept_behind)} stay with lines behind it that already had them" if kept_behind else ""
    return "; ".join(part for part in (ahead, behind) if part)


def _what_would_help(more_units: int | None) -> str:
    if more_units is None:
        return "more stock would not help"
    return f"{more_units} more {'unit is' if more_units == 1 else 'units are'} needed"
