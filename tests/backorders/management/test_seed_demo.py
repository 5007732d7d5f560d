"""The demo tells a believable story, the same one for the same seed, and tells it once."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from backorders.enums import BackorderReason, LineStatus
from backorders.models import SalesOrder
from config.demo import DEMO_LOGINS
from inventory.enums import PurchaseOrderStatus

pytestmark = pytest.mark.django_db


def seed(*arguments: str) -> dict:
    out = StringIO()
    call_command("seed_demo", "--json", "--size", "S", *arguments, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_the_same_seed_tells_the_same_story_once_and_with_every_state():
    rehearsed = seed("--seed", "7", "--dry-run")
    assert not SalesOrder.objects.exists()

    told = seed("--seed", "7")

    assert told == rehearsed | {"changed": True}
    assert set(told["lines"]) == set(LineStatus.values)
    assert set(told["orders"]) >= {"open", "partly_shipped", "shipped"}
    assert set(told["purchase_orders"]) >= {
        PurchaseOrderStatus.DRAFT,
        PurchaseOrderStatus.SENT,
        PurchaseOrderStatus.CONFIRMED,
        PurchaseOrderStatus.RECEIVED,
    }
    assert set(told["reasons"]) <= set(BackorderReason.values)
    assert told["open_backorders"] >= 50
    assert set(User.objects.values_list("username", flat=True)) >= set(DEMO_LOGINS)
    assert seed("--seed", "7") == told | {"changed": False}
