"""What every desk starts with: the preset policies, one row of each kind of settings, tiers, a warehouse, the schedule."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.utils import timezone

TIERS = [
    (1, "platinum", "Platinum"),
    (2, "gold", "Gold"),
    (3, "silver", "Silver"),
    (4, "standard", "Standard"),
    (5, "basic", "Basic"),
]


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
ONE_ROW_EACH = [
    ("backorders", "DeskSettings"),
    ("backorders", "CustomerSettings"),
    ("backorders", "DemandMeter"),
    ("inventory", "PurchasingSettings"),
    ("notifications", "MailRules"),
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
    ("Tell the staff of trouble", "backorders.tell_of_trouble", 300),
    ("Forget old snapshots of runs", "backorders.prune_snapshots", 86_400),
    ("Let silence decide", "backorders.decide_by_silence", 60),
    ("Watch the deadlines of delay notices", "backorders.watch_delays", 300),
    ("Offer substitutes", "backorders.offer_substitutes", 3600),
    ("Forecast demand", "backorders.forecast_due", 60),
    ("Remind suppliers", "inventory.remind_suppliers", 900),
]


def create_reference_rows(apps, schema_editor):
    alias = schema_editor.connection.alias
    tier = apps.get_model("customers", "CustomerTier")
    for rank, code, name in TIERS:
        tier.objects.using(alias).create(rank=rank, code=code, name=name)
    apps.get_model("inventory", "Warehouse").objects.using(alias).create(
        code="MAIN", name="Main warehouse", preference=1
    )
    for app, model in ONE_ROW_EACH:
        apps.get_model(app, model).objects.using(alias).create(id=1)
    level = apps.get_model("backorders", "ServiceLevel")
    for value_class, percent in SERVICE_LEVELS:
        level.objects.using(alias).create(value_class=value_class, percent=percent)


def create_policies(apps, schema_editor):
    alias = schema_editor.connection.alias
    policy = apps.get_model("backorders", "AllocationPolicy")
    version = apps.get_model("backorders", "PolicyVersion")
    now = timezone.now()
    for preset in PRESETS:
        words = {name: preset[name] for name in ("code", "name", "description")}
        new = policy.objects.using(alias).create(**words, is_default=preset["code"] == DEFAULT)
        version.objects.using(alias).create(
            policy=new, number=1, definition=preset["definition"], comment="Shipped", made_at=now
        )


def create_schedule(apps, schema_editor):
    alias = schema_editor.connection.alias
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, path, seconds in SCHEDULE:
        every, _ = interval.objects.using(alias).get_or_create(every=seconds, period="seconds")
        task.objects.using(alias).create(name=name, task=path, interval=every, expire_seconds=max(seconds, 60))
    night = (
        apps.get_model("django_celery_beat", "CrontabSchedule")
        .objects.using(alias)
        .create(minute="30", hour="2", timezone=settings.TIME_ZONE)
    )
    task.objects.using(alias).create(
        name="Learn lead times", task="inventory.learn_lead_times", crontab=night, expire_seconds=3600
    )


class Migration(migrations.Migration):
    dependencies = [
        ("backorders", "0002_storage"),
        ("customers", "0002_jurisdiction_profile"),
        ("inventory", "0001_initial"),
        ("notifications", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.RunPython(create_reference_rows, migrations.RunPython.noop),
        migrations.RunPython(create_policies, migrations.RunPython.noop),
        migrations.RunPython(create_schedule, migrations.RunPython.noop),
    ]
