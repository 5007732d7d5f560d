"""Policies with a guard, and a pool in which they have something to guard."""

from typing import Any

from backorders.models import AllocationPolicy, OrderLine
from backorders.runs.policies import write_policy
from inventory.models import StockLevel
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory, CustomerTierFactory
from tests.factories.inventory import MONDAY, StockLevelFactory


def a_policy(code: str, **rules: Any) -> AllocationPolicy:
    """Serves the most important tier first, whoever holds what."""
    definition = {
        "segments": [],
        "rest": {"strategy": "REDISTRIBUTE", "keys": [{"field": "tier_rank"}, {"field": "placed_at"}]},
        **rules,
    }
    return write_policy(
        code=code, name=code.title(), description="", definition=definition, comment="", by=None, now=MONDAY
    )


def a_contested_pool(sku: str = "SAW-200", units: int = 5) -> tuple[StockLevel, OrderLine, OrderLine]:
    """A basic customer holds all there is; a platinum one came later and waits."""
    level = StockLevelFactory(product__sku=sku, on_hand=units)
    lines = []
    for tier in ("basic", "platinum"):
        customer = CustomerFactory(tier=CustomerTierFactory(code=tier))
        lines.append(order_for({level.product: units}, customer=customer).lines.get())
    return level, *lines
