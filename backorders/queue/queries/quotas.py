"""The quotas as a run remembers them."""

from datetime import date
from typing import Any

from django.db.models import Q, Sum

from backorders.enums import AllocationState
from backorders.models import Allocation, Quota


def quota_rules(*, today: date | None = None) -> list[dict[str, Any]]:
    """The quotas as a run remembers them, with the units that their groups had of each pool since they began."""
    rows = Quota.objects.keeping(today=today) if today else Quota.objects.unended()
    return [
        {
            "id": quota.pk,
            "told": str(quota),
            "product": quota.product_id,
            "category": quota.category_id,
            "tier_rank": quota.tier.rank if quota.tier else None,
            "customer": quota.customer_id,
            "channel": quota.channel,
            "units": quota.units,
            "percent": quota.percent,
            "starts_on": quota.starts_on.isoformat(),
            "ends_on": quota.ends_on.isoformat(),
            "release_on": quota.release_on.isoformat(),
            "used": _used(quota) if quota.units else {},
        }
        for quota in rows.select_related("tier", "customer", "product", "category").order_by("pk")
    ]


def _used(quota: Quota) -> dict[str, int]:
    """Units that left for the group since the quota began, by pool."""
    left = Allocation.objects.filter(state=AllocationState.SHIPPED, ended_at__date__gte=quota.starts_on)
    left = left.filter(_group(quota))
    if quota.product_id:
        left = left.filter(product_id=quota.product_id)
    elif quota.category_id:
        left = left.filter(product__category_id=quota.category_id)
    rows = left.order_by().values_list("product_id", "line__warehouse_id").annotate(units=Sum("quantity"))
    return {f"{product_id}:{warehouse_id}": units for product_id, warehouse_id, units in rows}


def _group(quota: Quota) -> Q:
    if quota.tier_id:
        return Q(line__order__customer__tier_id=quota.tier_id)
    if quota.customer_id:
        return Q(line__order__customer_id=quota.customer_id)
    return Q(line__order__channel=quota.channel)
