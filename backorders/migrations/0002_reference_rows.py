"""What every desk starts with: the preset policies, one row of each kind of settings, the service levels."""

from typing import Any

from django.db import migrations
from django.utils import timezone


def _by_keys(*keys: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"rest": {"name": "", "strategy": "REDISTRIBUTE", "keys": list(keys)}, "age_boost_days": 0} | others


PRESETS: list[dict[str, Any]] = [
    {
        "code": "order-date",
        "name": "Order date",
        "description": "First come, first served: the oldest order line first.",
        "definition": _by_keys({"field": "placed_at"}, method="sequence"),
    },
    {
        "code": "customer-importance",
        "name": "Customer importance",
        "description": "The most important tier first; within a tier the oldest order line first.",
        "definition": _by_keys({"field": "tier_rank"}, {"field": "placed_at"}, method="sequence"),
    },
    {
        "code": "order-size",
        "name": "Order size",
        "description": "The smallest open quantity first, so that the most lines can be completed.",
        "definition": _by_keys({"field": "order_size"}, {"field": "placed_at"}, method="sequence"),
    },
    {
        "code": "fair-share",
        "name": "Fair share",
        "description": "Everybody gets the same share of what is there; whole units by largest remainder.",
        "definition": _by_keys({"field": "placed_at"}, method="fair_share"),
    },
    {
        "code": "value",
        "name": "Value",
        "description": "The largest open value first, so that most of the money is released.",
        "definition": {
            "rest": {
                "name": "",
                "strategy": "REDISTRIBUTE",
                "keys": [{"field": "line_value", "descending": True}, {"field": "placed_at"}],
            },
            "age_boost_days": 30,
        },
    },
    {
        "code": "configured-classes",
        "name": "Configured classes",
        "description": "An example to start from: what was promised to the best customers is kept, what is needed soon"
        " goes first, nobody waits for ever.",
        "definition": {
            "segments": [
                {
                    "name": "Promised to platinum",
                    "strategy": "GAIN",
                    "keys": [{"field": "requested_on"}, {"field": "placed_at"}],
                    "filters": [
                        {"field": "tier", "operator": "in", "values": ["platinum"]},
                        {"field": "is_told", "operator": "is", "values": [True]},
                    ],
                },
                {
                    "name": "Needed within a week",
                    "strategy": "IMPROVE",
                    "keys": [{"field": "requested_on"}, {"field": "tier_rank"}, {"field": "placed_at"}],
                    "filters": [{"field": "requested_in_days", "operator": "at_most", "values": [7]}],
                },
                {
                    "name": "Waiting for long",
                    "strategy": "REDISTRIBUTE",
                    "keys": [{"field": "days_waiting", "descending": True}],
                    "filters": [{"field": "age_days", "operator": "at_least", "values": [60]}],
                },
            ],
            "rest": {
                "name": "",
                "strategy": "REDISTRIBUTE",
                "keys": [{"field": "tier_rank"}, {"field": "placed_at"}],
            },
            "age_boost_days": 30,
            "fallback": "order-date",
        },
    },
]
DEFAULT = "order-date"
SERVICE_LEVELS = [("A", "95.0"), ("B", "95.0"), ("C", "98.0")]
ONE_ROW_EACH = ["DeskSettings", "CustomerSettings", "DemandMeter"]


def create_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    for model in ONE_ROW_EACH:
        apps.get_model("backorders", model).objects.using(alias).get_or_create(id=1)
    levels = apps.get_model("backorders", "ServiceLevel").objects.using(alias)
    for value_class, percent in SERVICE_LEVELS:
        levels.get_or_create(value_class=value_class, defaults={"percent": percent})
    policies = apps.get_model("backorders", "AllocationPolicy").objects.using(alias)
    versions = apps.get_model("backorders", "PolicyVersion").objects.using(alias)
    for preset in PRESETS:
        words = {name: preset[name] for name in ("name", "description")} | {"is_default": preset["code"] == DEFAULT}
        policy, _ = policies.get_or_create(code=preset["code"], defaults=words)
        version = {"definition": preset["definition"], "comment": "Shipped", "made_at": timezone.now()}
        versions.get_or_create(policy=policy, number=1, defaults=version)


class Migration(migrations.Migration):
    dependencies = [("backorders", "0001_initial")]

    operations = [migrations.RunPython(create_rows, migrations.RunPython.noop)]
