"""What waits for somebody at the end: policies side by side, a run for the approver, a pool that is short."""

from datetime import time

from django.db.models import F

from backorders.enums import AllocationKind, OverrideKind
from backorders.errors import CannotOverride
from backorders.fulfilment.stock_corrections import count_stock
from backorders.management.seeding.days import Day
from backorders.management.seeding.world import World
from backorders.models import Allocation, AllocationPolicy, OrderLine
from backorders.runs.approve import apply_run
from backorders.runs.compare import compare_policies
from backorders.runs.overrides.outcomes import Wish
from backorders.runs.overrides.override import override_line
from backorders.runs.policies import write_policy
from inventory.models import StockLevel
from notifications.models import MailRules

LARGE_FIRST = {
    "segments": [],
    "rest": {"strategy": "REDISTRIBUTE", "keys": [{"field": "order_size", "descending": True}, {"field": "placed_at"}]},
    "approval_threshold": 0,
    "churn_budget": 0,
}


def leave_decisions(world: World, day: Day) -> None:
    MailRules.objects.update(
        quiet_from=time(21), quiet_until=time(6), daily_cap=6, staff_addresses=["leitstand@backorder-desk.example"]
    )
    _compare_policies(world, day)
    _pin_what_was_agreed(world, day)
    _miss_some_units(world, day)


def _pin_what_was_agreed(world: World, day: Day) -> None:
    """The oldest line that holds soft units keeps them, whatever the next runs say."""
    soft = Allocation.objects.active().filter(kind=AllocationKind.SOFT)
    lines = OrderLine.objects.open().filter(allocations__in=soft).order_by("placed_at", "order__external_number", "pk")
    for line in lines[:20]:
        wish = Wish(line.pk, OverrideKind.PIN, "Agreed with the site manager", units=1)
        try:
            override_line(wish=wish, by=world.staff["planner"], now=day.at(16, 54))
        except CannotOverride:
            continue
        return


def _miss_some_units(world: World, day: Day) -> None:
    """A count finds fewer units than lines hold softly: somebody has to settle who loses."""
    in_use = Allocation.objects.active().exclude(kind=AllocationKind.SOFT).values("stock_level")
    levels = StockLevel.objects.filter(reserved__gte=2).exclude(pk__in=in_use)
    if level := levels.order_by(F("on_hand") - F("reserved"), "product__sku", "warehouse__code").first():
        count_stock(
            product_id=level.product_id,
            warehouse_id=level.warehouse_id,
            counted=level.reserved - 2,
            reason="Broken pieces in the bin",
            key="demo:second-thoughts",
            by=world.staff["warehouse"],
            now=day.at(16, 55),
        )


def _compare_policies(world: World, day: Day) -> None:
    """What if the largest orders came first? Too many promises would break: the approver is asked."""
    by, now = world.staff["planner"], day.at(16, 53)
    usual = AllocationPolicy.objects.get(is_default=True).code
    write_policy(
        code="large-orders-first",
        name="Large orders first",
        description="Whole pallets leave in one go",
        definition=LARGE_FIRST,
        comment="To see what it would do to the promises",
        by=by,
        now=now,
    )
    comparison = compare_policies(policy_codes=[usual, "large-orders-first"], warehouse_id=None, by=by, now=now)
    apply_run(run_id=comparison.runs.order_by("pk")[1].pk, by=by, now=now)
