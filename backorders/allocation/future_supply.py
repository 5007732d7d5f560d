"""A pool served by a policy that looks ahead: from goods on their way too, and with what lies parked lent to others."""

from collections.abc import Mapping, Sequence
from datetime import date

from backorders.engine.allocation.explanation import explain_pool
from backorders.engine.allocation.future_supply import Ahead, Inbound, allocate_ahead, called_back, lend_ahead
from backorders.engine.allocation.pool import PoolLine, allocate_pool
from backorders.queue.compiled_policy import CompiledPolicy


def look_ahead(
    pool_lines: Sequence[PoolLine],
    policy: CompiledPolicy,
    inbound: Inbound,
    *,
    supply: int,
    today: date,
    requested_on: Mapping[int | str, date],
) -> Ahead:
    """The passes by the policy, as far as they say so over dated supply, then the loans."""
    lines = called_back(pool_lines, inbound)
    if policy.definition.inbound:
        wanted_on = {line: max(day, today) for line, day in requested_on.items()}
        ahead = allocate_ahead(supply, lines, inbound, today=today, wanted_on=wanted_on)
    else:
        result = allocate_pool(supply, lines)
        ahead = Ahead(result, explain_pool(supply, lines, result), [])
    if ahead.result.exceptions or not (policy.definition.borrow and policy.lending):
        return ahead
    parked = _parked(policy.parked, {line: day for line, day in requested_on.items() if day > today})
    return lend_ahead(ahead, pool_lines, inbound, today=today, parked=parked)


def _parked(incomplete: Mapping[int, date], not_yet: Mapping[int | str, date]) -> dict[int | str, date]:
    """Before which day stock is of no use to a line: its order is not complete, or its customer wants it later."""
    parked: dict[int | str, date] = dict(not_yet)
    for line, day in incomplete.items():
        parked[line] = max(day, parked.get(line, day))
    return parked
