"""What the planner leaves behind: stock kept for a tier, goods pegged to a line, a policy of classes made stricter."""

from datetime import timedelta

from backorders.engine.policy.definition import as_json
from backorders.errors import PegRefused
from backorders.management.seeding.days import Day
from backorders.management.seeding.world import World
from backorders.models import AllocationPolicy, OrderLine
from backorders.runs.overrides.pegs import peg_supply
from backorders.runs.policies import change_policy
from backorders.runs.quotas import NewQuota, keep_stock
from customers.models import CustomerTier
from inventory.models import Category, PurchaseOrderLine


def plan(world: World, day: Day) -> None:
    """Nothing of this moves an allocation today: the default policy stays, and the quota begins in two weeks."""
    _tighten_classes(world, day)
    _keep_for_the_season(world, day)
    _peg_what_was_promised(world, day)


def _tighten_classes(world: World, day: Day) -> None:
    policy = AllocationPolicy.objects.get(code="configured-classes")
    said = as_json(policy.versions.order_by("-number")[0].parsed)
    change_policy(
        policy_id=policy.pk,
        based_on=1,
        name=policy.name,
        description=policy.description,
        definition=said | {"hold_days": 21, "approval_threshold": 25},
        comment="Complete orders hold stock for three weeks; broken promises need a second pair of eyes",
        by=world.staff["planner"],
        now=day.at(15, 20),
    )


def _keep_for_the_season(world: World, day: Day) -> None:
    starts_on = day.date + timedelta(days=14)
    quota = NewQuota(
        category_id=Category.objects.order_by("name")[0].pk,
        tier_id=CustomerTier.objects.order_by("rank")[0].pk,
        percent=20,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=60),
        release_on=starts_on + timedelta(days=45),
        reason="Framework agreements of the season",
    )
    keep_stock(quota=quota, by=world.staff["planner"], now=day.at(15, 30))


def _peg_what_was_promised(world: World, day: Day) -> None:
    """The first line for which enough is on its way."""
    waiting = OrderLine.objects.waiting().filter(allocated=0).order_by("placed_at", "order__external_number", "number")
    for line in waiting[:50]:
        coming = PurchaseOrderLine.objects.inbound().filter(
            product_id=line.product_id, purchase_order__warehouse_id=line.warehouse_id, open__gte=line.missing
        )
        if goods := coming.order_by("pk").first():
            try:
                peg_supply(
                    line_id=line.pk,
                    purchase_line_id=goods.pk,
                    units=line.missing,
                    reason="Promised to the site manager by phone",
                    by=world.staff["planner"],
                    now=day.at(15, 40),
                )
            except PegRefused:
                continue
            return
