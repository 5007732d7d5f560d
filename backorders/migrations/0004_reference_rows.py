"""What every desk starts with: the preset policies, the settings row, customer tiers, a warehouse, the schedule."""

from typing import Any

from django.db import migrations

TIERS = [
    (1, "platinum", "Platinum"),
    (2, "gold", "Gold"),
    (3, "silver", "Silver"),
    (4, "standard", "Standard"),
    (5, "basic", "Basic"),
]

PRESETS: list[dict[str, Any]] = [
    {
        "code": "order-date",
        "name": "Order date",
        "description": "First come, first served: the oldest order line first.",
        "keys": [{"field": "placed_at"}],
        "is_default": True,
    },
    {
        "code": "customer-importance",
        "name": "Customer importance",
        "description": "The most important tier first; within a tier the oldest order line first.",
        "keys": [{"field": "tier_rank"}, {"field": "placed_at"}],
    },
    {
        "code": "order-size",
        "name": "Order size",
        "description": "The smallest open quantity first, so that the most lines can be completed.",
        "keys": [{"field": "order_size"}, {"field": "placed_at"}],
    },
    {
        "code": "fair-share",
        "name": "Fair share",
        "description": "Everybody gets the same share of what is there; whole units by largest remainder.",
        "keys": [{"field": "placed_at"}],
        "method": "fair_share",
    },
]

# name, task, every so many seconds
SCHEDULE = [
    ("Nightly allocation", "backorders.allocate_nightly", 300),
    ("Finish interrupted runs", "backorders.continue_runs", 30),
    ("Serve free stock", "backorders.serve_free_stock", 20),
    ("Recompute promise dates", "backorders.promise_due", 20),
    ("Check the invariants", "backorders.check_invariants", 86_400),
    ("Seal the ledgers", "backorders.seal_audit", 3600),
    ("Deliver messages", "notifications.deliver_messages", 20),
]


def create_reference_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    tier = apps.get_model("customers", "CustomerTier")
    for rank, code, name in TIERS:
        tier.objects.using(alias).create(rank=rank, code=code, name=name)
    apps.get_model("inventory", "Warehouse").objects.using(alias).create(
        code="MAIN", name="Main warehouse", preference=1
    )
    policy = apps.get_model("backorders", "AllocationPolicy")
    for preset in PRESETS:
        policy.objects.using(alias).create(**preset)
    apps.get_model("backorders", "DeskSettings").objects.using(alias).create(id=1)
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, path, seconds in SCHEDULE:
        every, _ = interval.objects.using(alias).get_or_create(every=seconds, period="seconds")
        task.objects.using(alias).create(name=name, task=path, interval=every, expire_seconds=max(seconds, 60))


class Migration(migrations.Migration):
    dependencies = [
        ("backorders", "0003_storage"),
        ("customers", "0001_initial"),
        ("inventory", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(create_reference_rows, migrations.RunPython.noop)]
