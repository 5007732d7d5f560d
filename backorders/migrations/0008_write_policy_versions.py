"""Each policy gets its words as version 1, each run the version that it used; two presets more."""

from typing import Any

from django.db import migrations
from django.utils import timezone

OLDEST_FIRST = [{"field": "placed_at"}]

PRESETS: list[dict[str, Any]] = [
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


def write_versions(apps, schema_editor):
    alias = schema_editor.connection.alias
    policy = apps.get_model("backorders", "AllocationPolicy").objects.using(alias)
    version = apps.get_model("backorders", "PolicyVersion").objects.using(alias)
    now = timezone.now()
    for old in policy.order_by("pk"):
        definition = {
            "rest": {"name": "", "strategy": "REDISTRIBUTE", "keys": old.keys},
            "method": old.method,
            "age_boost_days": old.age_boost_days,
        }
        version.create(policy=old, number=1, definition=definition, comment="As it was", made_at=now)
    known = {code.lower() for code in policy.values_list("code", flat=True)}
    for preset in PRESETS:
        if preset["code"] not in known:
            values = {name: preset[name] for name in ("code", "name", "description")}
            new = policy.create(**values, keys=OLDEST_FIRST)
            version.create(policy=new, number=1, definition=preset["definition"], comment="Shipped", made_at=now)
    for said in version.filter(number=1):
        runs = apps.get_model("backorders", "AllocationRun").objects.using(alias)
        runs.filter(policy_id=said.policy_id).update(policy_version=said)


class Migration(migrations.Migration):
    dependencies = [("backorders", "0007_policy_versions")]

    operations = [migrations.RunPython(write_versions, migrations.RunPython.noop)]
