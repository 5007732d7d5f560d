"""Customers as other systems send them: many rows, known by their codes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from config.lib.outcomes import Outcome, rejected
from config.lib.upserts import by_code, locked_by_code, save_by_key
from customers.models import Customer, CustomerTier, JurisdictionProfile

TIER_OF_NEW_CUSTOMERS = "standard"

Values = Mapping[str, Any]


@transaction.atomic
def save_customers(*, rows: Sequence[Values]) -> list[Outcome]:
    """Make or change customers by code; `tier` is the code of a tier. Fields not named stay as they are."""
    known = locked_by_code(Customer.objects.all(), "code", [row["code"] for row in rows])
    tiers = by_code(
        CustomerTier.objects.all(), "code", {TIER_OF_NEW_CUSTOMERS, *(row["tier"] for row in rows if "tier" in row)}
    )
    profiles = {"", *JurisdictionProfile.objects.values_list("code", flat=True)}
    outcomes: dict[int, Outcome] = {}
    taken: dict[int, tuple[tuple[str], dict[str, Any]]] = {}
    for position, row in enumerate(rows):
        if row.get("jurisdiction", "") not in profiles:
            outcomes[position] = rejected(f"There is no jurisdiction profile {row['jurisdiction']}.")
            continue
        customer = known.get(row["code"].lower())
        values = {name: value for name, value in row.items() if name != "tier"}
        if "tier" in row or customer is None:
            tier = tiers.get(row.get("tier", TIER_OF_NEW_CUSTOMERS).lower())
            if tier is None:
                outcomes[position] = rejected(f"There is no customer tier {row.get('tier', TIER_OF_NEW_CUSTOMERS)}.")
                continue
            values["tier_id"] = tier.pk
        if customer:
            values["code"] = customer.code
        taken[position] = ((row["code"].lower(),), values)
    saved = save_by_key(Customer, {(code,): customer for code, customer in known.items()}, list(taken.values()))
    outcomes |= dict(zip(taken, saved, strict=True))
    return [outcomes[position] for position in range(len(rows))]
