"""What a policy gives the lines of products: each pool by itself, then what is left for lines of other warehouses.

A warehouse serves its own lines first. What they leave goes to lines that are still short, in the order of the policy
over all warehouses. What lines hold away from home returns to its pool before that, so that a second run comes to the
same; only classes that keep what they hold leave it where it is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone

from backorders.allocation.pool_plans import PoolPlan, kept_for_groups, plan_pool, strategy_of, unused_quotas
from backorders.engine.allocation.explanation import LineExplanation, Reason
from backorders.engine.allocation.future_supply import Inbound
from backorders.engine.allocation.pool import SERVED_IN_ORDER, Strategy, minimum_units
from backorders.engine.allocation.warehouses import Reach, ShortLine, UnitsByWarehouse, serve_elsewhere
from backorders.models import OrderLine
from backorders.queue.compiled_policy import CompiledPolicy
from backorders.queue.queues import PoolKey, QueueLine, pool_key, ranked

Queues = Mapping[PoolKey, Sequence[QueueLine]]
Places = dict[int, int]  # warehouse → units
RAISED = (Strategy.WIN, Strategy.GAIN, Strategy.IMPROVE, Strategy.REDISTRIBUTE)
KEEPING = (Strategy.WIN, Strategy.IMPROVE, Strategy.FILL)


def plan_pools(
    queues: Queues,
    policy: CompiledPolicy,
    *,
    free: Mapping[PoolKey, int],
    packs: Mapping[int, int],
    now: datetime,
    limited: bool = False,
    inbound: Mapping[PoolKey, Inbound] | None = None,
) -> dict[PoolKey, PoolPlan]:
    """A plan for each queue; `free` names all pools of the products. A run that is `limited` to one warehouse looks at
    no other one, and leaves what its lines hold there. `inbound` is for policies that look ahead."""
    products: dict[int, dict[PoolKey, Sequence[QueueLine]]] = defaultdict(dict)
    for pool, lines in sorted(queues.items()):
        products[pool[0]][pool] = lines
    plans: dict[PoolKey, PoolPlan] = {}
    for product_id, pools in products.items():
        if limited or (policy.reach == Reach.OWN and not any(line.away for lines in pools.values() for line in lines)):
            for pool, lines in pools.items():
                there, coming = free.get(pool, 0), _inbound(inbound, pool)
                plans[pool] = plan_pool(lines, policy, free=there, packs=packs, now=now, inbound=coming)
        else:
            ours = {pool: units for pool, units in free.items() if pool[0] == product_id}
            plans |= ProductPlan(pools, policy, ours, packs, now, inbound).plans()
    return plans


def _inbound(inbound: Mapping[PoolKey, Inbound] | None, pool: PoolKey) -> Inbound | None:
    return None if inbound is None else inbound.get(pool, Inbound())


def with_preferences(queues: Queues, policy: CompiledPolicy) -> Queues:
    """The lines with the lists of their orders, where the policy looks at other warehouses."""
    if policy.reach == Reach.OWN:
        return queues
    asked = other_warehouses({product_id for product_id, _ in queues})
    return {
        pool: [line._replace(other_warehouses=asked.get(line.id, ())) for line in lines]
        for pool, lines in queues.items()
    }


@dataclass(slots=True)
class ProductPlan:
    """The pools of one product, planned together. `stopped` are those whose guarantees no warehouse can meet: they
    neither give nor take, and their lines keep what they hold."""

    queues: Queues
    policy: CompiledPolicy
    free: Mapping[PoolKey, int]
    packs: Mapping[int, int]
    now: datetime
    inbound: Mapping[PoolKey, Inbound] | None = None
    lines: list[QueueLine] = field(init=False)
    classes: dict[int, Strategy] = field(init=False)
    stopped: set[PoolKey] = field(default_factory=set)

    def __post_init__(self) -> None:
        today = timezone.localdate(self.now)
        self.lines = ranked([line for lines in self.queues.values() for line in lines], self.policy, now=self.now)
        self.classes = {line.id: strategy_of(line, self.policy, today) for line in self.lines}
        if self.policy.fair:
            sharing = {pk: Strategy.REDISTRIBUTE for pk, each in self.classes.items() if each in RAISED}
            self.classes |= sharing

    def plans(self) -> dict[PoolKey, PoolPlan]:
        while True:
            kept_places = {line.id: self._kept(line) for line in self.lines}
            free = self._free(kept_places)
            plans = {pool: self._plan(pool, free, kept_places) for pool in self.queues}
            short = {pool for pool, plan in plans.items() if plan.exceptions} - self.stopped
            spare = self._spare(plans, free)
            failed = {pool for pool in sorted(short) if not self._meet(pool, plans, free, kept_places, spare)}
            if not failed:
                return self._serve_the_short(plans, kept_places, spare)
            self.stopped |= failed

    def _plan(self, pool: PoolKey, free: Mapping[PoolKey, int], kept_places: Mapping[int, Places]) -> PoolPlan:
        units = {line.id: sum(kept_places[line.id].values()) for line in self.queues[pool]}
        lines, there = self.queues[pool], free.get(pool, 0)
        coming = _inbound(self.inbound, pool)
        return plan_pool(lines, self.policy, free=there, packs=self.packs, now=self.now, kept=units, inbound=coming)

    def _kept(self, line: QueueLine) -> Places:
        """What the line goes on holding away from home, before anything is given."""
        places, strategy = {each.warehouse_id: each.units for each in line.elsewhere}, self.classes[line.id]
        if strategy in (Strategy.SKIP, Strategy.GAIN) or pool_key(line) in self.stopped:
            return places
        if self.policy.reach == Reach.OWN or strategy not in KEEPING:
            return {}
        if self.policy.reach == Reach.WHOLE and strategy != Strategy.WIN and list(places.values()) != [line.movable]:
            return {}
        return places

    def _free(self, kept_places: Mapping[int, Places]) -> dict[PoolKey, int]:
        free = defaultdict(int, self.free)
        for line in self.lines:
            for holding in line.elsewhere:
                free[line.product_id, holding.warehouse_id] += holding.units - kept_places[line.id].get(
                    holding.warehouse_id, 0
                )
        return free

    def _spare(self, plans: Mapping[PoolKey, PoolPlan], free: Mapping[PoolKey, int]) -> Places:
        """What each warehouse has for lines of others; one that failed its own has nothing."""
        spare = {}
        for pool, units in free.items():
            if pool in plans:
                spare[pool[1]] = 0 if plans[pool].exceptions else plans[pool].spare
            else:
                today = timezone.localdate(self.now)
                quotas = kept_for_groups(self.lines, self.policy, pool=pool, supply=units, today=today)
                spare[pool[1]] = max(0, units - unused_quotas(quotas, {}))
        return spare

    def _meet(
        self,
        pool: PoolKey,
        plans: dict[PoolKey, PoolPlan],
        free: Mapping[PoolKey, int],
        kept_places: dict[int, Places],
        spare: Places,
    ) -> bool:
        """Whether other warehouses have what the guarantees of a pool lack; if so they give it."""
        if self.policy.reach == Reach.OWN:
            return False
        left, covered = dict(spare), dict(kept_places)
        lines = {line.id: line for line in self.queues[pool]}
        for line_id, missing in ((int(each.line), each.missing) for each in plans[pool].exceptions):
            demand = self._short(
                lines[line_id], missing if self.policy.reach == Reach.SPLIT else lines[line_id].movable
            )
            served = serve_elsewhere(left, [demand], split=self.policy.reach == Reach.SPLIT)
            taken = served.taken.get(line_id, {})
            if sum(taken.values()) < demand.missing or (kept_places[line_id] and self.policy.reach == Reach.WHOLE):
                return False
            covered[line_id] = _added(kept_places[line_id], taken)
            for place, units in taken.items():
                left[place] -= units
        plan = self._plan(pool, free, covered)
        if plan.exceptions:
            return False
        plans[pool] = plan
        kept_places |= covered
        spare |= left | {pool[1]: plan.spare}
        return True

    def _serve_the_short(
        self, plans: Mapping[PoolKey, PoolPlan], kept_places: Mapping[int, Places], spare: Places
    ) -> dict[PoolKey, PoolPlan]:
        served = UnitsByWarehouse({}, frozenset())
        waiting = [] if self.policy.reach == Reach.OWN else list(self._waiting(plans, kept_places))
        if waiting:
            served = serve_elsewhere(spare, waiting, split=self.policy.reach == Reach.SPLIT)
        homes = {line.id: line.warehouse_id for line in self.lines}
        topped_up = {pk: taken.pop(homes[pk]) for pk, taken in served.taken.items() if homes[pk] in taken}
        plans = {pool: _with_rests(plan, topped_up) for pool, plan in plans.items()}
        after = {pk: _added(places, served.taken.get(pk, {})) for pk, places in kept_places.items()}
        teller = Teller(self.policy.reach, self.packs, frozenset(line.id for line in waiting), served.held_back)
        return {pool: self._whole_plan(plan, kept_places, after, teller) for pool, plan in plans.items()}

    def _waiting(self, plans: Mapping[PoolKey, PoolPlan], kept_places: Mapping[int, Places]) -> Iterator[ShortLine]:
        """The lines that others may serve, in the order of service."""
        for line in sorted(self.lines, key=lambda line: SERVED_IN_ORDER.index(self._class_or_lose(line))):
            plan = plans[pool_key(line)]
            if plan.exceptions or self.classes[line.id] not in RAISED:
                continue
            elsewhere = sum(kept_places[line.id].values())
            missing = line.movable - plan.result.given[line.id] - elsewhere
            if missing and (self.policy.reach == Reach.SPLIT or missing == line.movable):
                yield self._short(line, missing)

    def _class_or_lose(self, line: QueueLine) -> Strategy:
        strategy = self.classes[line.id]
        return Strategy.LOSE if strategy == Strategy.SKIP else strategy

    def _short(self, line: QueueLine, missing: int) -> ShortLine:
        definition, has_shipped = self.policy.definition, line.shipped > 0 or line.fixed > 0
        minimum = minimum_units(line.movable, units=definition.minimum_units, percent=definition.minimum_percent)
        asked = line.other_warehouses or self.policy.preference
        places = [place for place in asked if place != line.warehouse_id]
        pack = self.packs.get(line.product_id, 1)
        return ShortLine(line.id, missing, line.warehouse_id, places, pack, 0 if has_shipped else minimum)

    def _whole_plan(
        self, plan: PoolPlan, kept_places: Mapping[int, Places], after: Mapping[int, Places], teller: "Teller"
    ) -> PoolPlan:
        """The plan with what its lines hold elsewhere. Its supply counts what lines of others keep here, too."""
        taking_part = {each.line for each in plan.explanations}
        away: Mapping[int, Places] = {line.id: after[line.id] for line in plan.queue if line.id in taking_part}
        here = pool_key(plan.queue[0])[1]
        guests = (line for line in self.lines if self.classes[line.id] != Strategy.SKIP)
        kept_here = sum(min(kept_places[g.id].get(here, 0), _held_in(g, here)) for g in guests)
        plan = plan._replace(away=away, supply=plan.supply + kept_here)
        lines: dict[int | str, QueueLine] = {line.id: line for line in plan.queue}
        explanations = [teller.again(each, lines[each.line], plan) for each in _with_fewer_units(plan, kept_places)]
        return plan._replace(explanations=explanations)


def _with_fewer_units(plan: PoolPlan, kept_places: Mapping[int, Places]) -> Iterator[LineExplanation]:
    """What comes from elsewhere need not come home. Behind a line of the pool that others serve it may go to that."""
    first = True
    for explanation in plan.explanations:
        line_id = int(explanation.line)
        served = sum(plan.away[line_id].values()) - sum(kept_places[line_id].values())
        fewer = first and served > 0 and explanation.more_units is not None
        yield explanation._replace(more_units=(explanation.more_units or 0) - served) if fewer else explanation
        first = first and served <= 0


@dataclass(frozen=True, slots=True)
class Teller:
    """Says again why a line got what it got, once other warehouses had their turn."""

    reach: Reach
    packs: Mapping[int, int]
    waiting: frozenset[int]
    held_back: frozenset[int]

    def again(self, explanation: LineExplanation, line: QueueLine, plan: PoolPlan) -> LineExplanation:
        before, after = line.soft + line.away, plan.units_after(line)
        if plan.exceptions:
            return explanation
        if after >= line.movable:
            return explanation._replace(reason=Reason.KEPT if before >= after else Reason.FILLED, more_units=0)
        if self.reach == Reach.WHOLE and line.id in self.waiting:
            return explanation._replace(reason=Reason.NO_WAREHOUSE_HAS_ALL)
        if line.id in self.held_back:
            in_packs = self.packs.get(line.product_id, 1) > 1
            return explanation._replace(
                reason=Reason.PACK_REMAINDER if in_packs else Reason.HELD_BACK_BELOW_MINIMUM_FILL
            )
        if line.away or plan.away[line.id]:
            moved = Reason.TAKEN_BACK if after < before else Reason.PARTLY_FILLED if after > before else Reason.KEPT
            return explanation._replace(reason=moved)
        return explanation


def _with_rests(plan: PoolPlan, rests: Mapping[int, int]) -> PoolPlan:
    """The plan with the last units of lines that others served."""
    allocated = {pk: units + rests.get(int(pk), 0) for pk, units in plan.result.given.items()}
    return plan._replace(result=replace(plan.result, given=allocated))


def _added(places: Places, more: Places) -> Places:
    return {place: places.get(place, 0) + more.get(place, 0) for place in sorted({*places, *more})}


def _held_in(line: QueueLine, warehouse_id: int) -> int:
    return sum(holding.units for holding in line.elsewhere if holding.warehouse_id == warehouse_id)


def other_warehouses(product_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The preference lists of orders that name some, by open line."""
    lines = OrderLine.objects.open().filter(product_id__in=product_ids).exclude(order__other_warehouses=[])
    return {line_id: tuple(places) for line_id, places in lines.values_list("pk", "order__other_warehouses")}
