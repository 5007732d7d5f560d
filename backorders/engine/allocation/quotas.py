"""Stock that is kept for some lines: for all others it is not there, until its quota is released."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from backorders.engine.allocation.explanation import LineExplanation, Reason, explain_pool
from backorders.engine.allocation.pool import (
    PoolException,
    PoolLine,
    PoolResult,
    Strategy,
    allocate_pool,
    by_strategy,
    deliverable,
    fair_share,
)


class ReservedUnits(NamedTuple):
    """`units` of the pool are for the `members` only; what they take counts against it first."""

    units: int
    members: frozenset[int | str]


def quota_units(pool: int, *, units: int = 0, percent: int = 0, used: int = 0) -> int:
    """What a quota still keeps of a pool: a share of it, rounded down, or a quantity less what its group has had."""
    return min(pool, pool * percent // 100 if percent else max(0, units - used))


def allocate_kept(pool: int, lines: Sequence[PoolLine], quotas: Sequence[ReservedUnits]) -> PoolResult:
    """`allocate_pool` where each line sees what is left less what is kept for others. Same classes, same passes."""
    if not quotas:
        return allocate_pool(pool, lines)
    shelf = _Remaining(pool, lines, quotas)
    classes = by_strategy(lines)
    for line in classes[Strategy.WIN]:
        shelf.guarantee(Strategy.WIN, line, line.open)
    for line in classes[Strategy.GAIN]:
        shelf.guarantee(Strategy.GAIN, line, min(line.current, line.open))
    shelf.raise_all(classes[Strategy.GAIN])
    shelf.keep_all(classes[Strategy.IMPROVE])
    shelf.raise_all(classes[Strategy.IMPROVE])
    shelf.raise_all(classes[Strategy.REDISTRIBUTE])
    shelf.keep_all(classes[Strategy.FILL])
    moving = [line for line in lines if line.strategy != Strategy.SKIP]
    over_confirmed = sum(line.current for line in moving) > pool
    if shelf.exceptions:
        return PoolResult({line.id: line.current for line in moving}, None, shelf.exceptions, over_confirmed)
    return PoolResult(shelf.given, shelf.left, [], over_confirmed)


def share_kept(pool: int, lines: Sequence[PoolLine], quotas: Sequence[ReservedUnits]) -> PoolResult:
    """Fair share in rounds: first each quota among its members, then what nobody keeps among all."""
    moving = [line for line in lines if line.strategy != Strategy.SKIP]
    allocated, common = {line.id: 0 for line in moving}, pool
    for quota in quotas:
        reserved = min(common, quota.units)
        common -= reserved
        _share(reserved, [line for line in moving if line.id in quota.members], allocated)
    _share(common, moving, allocated)
    over_confirmed = sum(line.current for line in moving) > pool
    return PoolResult(allocated, pool - sum(allocated.values()), [], over_confirmed)


# What is missing for these reasons would be missing without any quota.
OWN_REASONS = {
    Reason.HELD_BACK_BELOW_MINIMUM_FILL,
    Reason.STRATEGY_FILL,
    Reason.STRATEGY_LOSE,
}


def explain_kept(
    pool: int, lines: Sequence[PoolLine], result: PoolResult, quotas: Sequence[ReservedUnits]
) -> list[LineExplanation]:
    """As `explain_pool`. `more_units` fills the line for sure; where stock is kept for others, fewer may do."""
    by_id = {line.id: line for line in lines}
    return [
        _explained(explanation, by_id[explanation.line], result, quotas)
        for explanation in explain_pool(pool, lines, result)
    ]


def _explained(
    explanation: LineExplanation, line: PoolLine, result: PoolResult, quotas: Sequence[ReservedUnits]
) -> LineExplanation:
    allocated = result.given[explanation.line]
    others = sum(quota.units for quota in quotas if explanation.line not in quota.members)
    if allocated >= line.open or result.exceptions or not others or explanation.more_units is None:
        return explanation
    is_pack = explanation.reason == Reason.PACK_REMAINDER and line.pack > 1
    reason = explanation.reason if is_pack or explanation.reason in OWN_REASONS else Reason.KEPT_FOR_A_QUOTA
    return explanation._replace(reason=reason, more_units=max(explanation.more_units, 0) + others)


def _share(units: int, lines: Sequence[PoolLine], allocated: dict[int | str, int]) -> None:
    wanting = [
        line._replace(open=line.open - allocated[line.id], has_shipped=line.has_shipped or allocated[line.id] > 0)
        for line in lines
    ]
    for line_id, more in fair_share(units, wanting).given.items():
        allocated[line_id] += more


class _Remaining:
    """What is left of a pool, and what of it is still kept for whom."""

    def __init__(self, pool: int, lines: Sequence[PoolLine], quotas: Sequence[ReservedUnits]) -> None:
        if pool < 0:
            raise ValueError(f"A pool cannot hold {pool} units.")
        self.left = pool
        self.given: dict[int | str, int] = {line.id: 0 for line in lines if line.strategy != Strategy.SKIP}
        self.exceptions: list[PoolException] = []
        self.members = [quota.members for quota in quotas]
        self.kept, unkept = [], pool
        for quota in quotas:
            self.kept.append(min(unkept, quota.units))
            unkept -= self.kept[-1]

    def at_hand(self, line: PoolLine) -> int:
        others = sum(
            units for units, members in zip(self.kept, self.members, strict=True) if units and line.id not in members
        )
        return max(0, self.left - others)

    def take(self, line: PoolLine, units: int) -> None:
        self.given[line.id] += units
        self.left -= units
        for place, members in enumerate(self.members):
            if line.id in members:
                self.kept[place] = max(0, self.kept[place] - units)

    def guarantee(self, strategy: Strategy, line: PoolLine, owed: int) -> None:
        granted = min(owed, self.at_hand(line))
        if granted < owed:
            self.exceptions.append(PoolException(strategy, line.id, owed - granted))
        self.take(line, granted)

    def keep_all(self, lines: Iterable[PoolLine]) -> None:
        for line in lines:
            self.take(line, deliverable(line, min(line.current, self.at_hand(line))))

    def raise_all(self, lines: Iterable[PoolLine]) -> None:
        for line in lines:
            allocated = self.given[line.id]
            raised = deliverable(line, allocated + self.at_hand(line))
            if raised > allocated:
                self.take(line, raised - allocated)
