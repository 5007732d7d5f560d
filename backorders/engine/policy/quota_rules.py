"""A quota as a run remembers it: which pools it keeps stock of, on which days, for which lines."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple


class QuotaRule(NamedTuple):
    """`used` are the units that the group has had of a pool already, by "product:warehouse"."""

    product: int | None
    category: int | None
    tier_rank: int | None
    customer: int | None
    channel: str
    units: int
    percent: int
    starts_on: date
    ends_on: date
    release_on: date
    used: Mapping[str, int]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "QuotaRule":
        days = {name: date.fromisoformat(raw[name]) for name in ("starts_on", "ends_on", "release_on")}
        values: Any = {name: days.get(name, raw.get(name)) for name in cls._fields}
        return cls(**values)

    def keeps(self, *, product: int, category: int | None, today: date) -> bool:
        return (
            self.starts_on <= today <= self.ends_on
            and today < self.release_on
            and self.product in (None, product)
            and self.category in (None, category)
        )

    def is_for(self, *, tier_rank: int, customer: int, channel: str) -> bool:
        if self.tier_rank is not None:
            return self.tier_rank == tier_rank
        return self.customer == customer if self.customer is not None else self.channel == channel
