"""What would change if warehouses helped each other out: a policy that lets them, looked at and not applied."""

from backorders.enums import RunKind
from backorders.management.seeding.days import Day
from backorders.management.seeding.world import World
from backorders.models import PolicyVersion
from backorders.runs.allocate_stock import allocate_stock
from backorders.runs.policies import write_policy


def look_across_warehouses(world: World, day: Day) -> None:
    """Nothing moves: the policy serves nobody yet, and its run is a simulation."""
    usual = PolicyVersion.objects.filter(policy__is_default=True).current().get()
    write_policy(
        code="any-warehouse",
        name="Any warehouse",
        description="As the usual one; what its own warehouse lacks a line gets from another one",
        definition=usual.definition | {"warehouses": "split"},
        comment="",
        by=world.staff["planner"],
        now=day.at(15, 50),
    )
    allocate_stock(
        kind=RunKind.SIMULATION,
        policy_code="any-warehouse",
        cause="What if the branches helped out?",
        by=world.staff["planner"],
        now=day.at(15, 55),
    )
