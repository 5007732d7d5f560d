"""What planner and buyer know about demand that the numbers cannot: a trend, a stocking rule, an override, a mark."""

from datetime import timedelta
from decimal import Decimal

from backorders.management.seeding.days import Day
from backorders.management.seeding.world import World
from backorders.models import DemandWeek
from backorders.planning.demand import count_demand, mark_demand
from backorders.planning.forecast_overrides import override_forecast, set_trend
from backorders.planning.service_levels import set_stocking_rule
from inventory.models import Category


def plan_stock(world: World, day: Day) -> None:
    """On today's last look; the forecast after the story goes by it."""
    planner, now = world.staff["planner"], day.at(15, 50)
    set_trend(
        category_id=Category.objects.order_by("-name")[0].pk,
        factor=Decimal("1.15"),
        reason="Two large sites start in spring",
        until_on=day.date + timedelta(days=120),
        now=now,
    )
    count_demand(now=now)
    busiest = list(DemandWeek.objects.order_by("-ordered", "pk").select_related("product")[:40])
    best, other = busiest[0], next(week for week in busiest if week.product_id != busiest[0].product_id)
    set_stocking_rule(product_id=best.product_id, value_class="A", percent=Decimal(99))
    override_forecast(
        product_id=other.product_id,
        warehouse_id=other.warehouse_id,
        weekly=max(1, round(other.ordered * 0.6)),
        reason="The largest customer now buys everything from us",
        from_on=day.date,
        until_on=day.date + timedelta(days=42),
        by=planner,
        now=now,
    )
    mark_demand(
        product_id=best.product_id,
        warehouse_id=best.warehouse_id,
        day=best.starts_on,
        mark="one_off",
        extra=max(1, best.ordered // 2),
        note="One order for the trade fair",
        by=planner,
        now=now,
    )
