"""What a policy gives the lines of a pool (one product in one warehouse); the contract's functions stand here."""

from backorders.engine.allocation.pool import PoolLine, PoolResult, allocate_pool, fair_share

__all__ = ["PoolLine", "PoolResult", "allocate_pool", "fair_share"]
