"""The demo story: told once, the same for the same seed, with every state that the desk knows."""

import json
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from backorders.enums import BackorderReason, LineStatus, OrderStatus, ShipmentStatus
from backorders.management.seeding.staff import hire_staff
from backorders.models import AllocationRun, OrderLine, PoolBlock, SalesOrder
from backorders.oversight.queries.invariants import check_invariants
from config.demo import DEMO_LOGINS, DEMO_PASSWORD
from inventory.enums import PurchaseOrderStatus
from inventory.models import Product, PurchaseOrder
from notifications.models import Message
from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db


def told(*options: str) -> tuple[dict[str, Any], str]:
    """The figures, and what the command said."""
    out, said = StringIO(), StringIO()
    call_command("seed_demo", *options, "--size", "S", "--json", stdout=out, stderr=said)
    return json.loads(out.getvalue()), said.getvalue()


def test_a_seed_tells_one_story_with_every_state_and_a_second_time_changes_nothing():
    with time_machine.travel(timezone.now(), tick=False):
        rehearsed, _ = told("--dry-run")
        written_by_rehearsal = SalesOrder.objects.count(), Product.objects.count(), User.objects.count()
        first, said = told()
        again, said_again = told("--seed", "8")

    assert written_by_rehearsal == (0, 0, 0)
    # Uncertain arrivals are drawn in an order that hangs on their keys, which a rehearsal uses up: a date may differ.
    assert rehearsed | {"changed": True, "promises": first["promises"]} == first
    assert rehearsed["promises"] == pytest.approx(first["promises"], rel=0.02)
    assert "All invariants hold." in said
    assert (again, said_again) == (
        first | {"changed": False},
        "The demo story is here already: nothing was changed.\n",
    )
    assert check_invariants().sentences() == []

    assert first["open_backorders"] >= 50
    assert set(first["lines"]) == set(LineStatus.values)
    assert set(first["orders"]) == set(OrderStatus.values)
    assert set(first["shipments"]) == set(ShipmentStatus.values)
    assert set(first["purchase_orders"]) == set(PurchaseOrderStatus.values)
    assert set(first["reasons"]) == set(BackorderReason.values) - {""}
    assert set(first["promise_sources"]) >= {"lead_time", "overdue", "purchase_order"}
    assert set(first["emails"]) == {"dead", "pending", "sent"}
    assert set(first["runs"]) == {"freed", "nightly", "receipt", "simulation"}
    assert AllocationRun.objects.awaiting().exists()
    assert PoolBlock.objects.unsettled().exists()
    assert PurchaseOrder.objects.late(today=timezone.localdate()).exists()
    assert OrderLine.objects.backordered().filter(promised_on=None).exists()
    assert not Message.objects.filter(created_at__gt=timezone.now()).exists()
    assert not Message.objects.exclude(recipient__endswith=".example.com").exclude(kind="staff_alert").exists()

    assert {user.username: user.groups.get().name for user in User.objects.all()} == DEMO_LOGINS
    assert all(user.check_password(DEMO_PASSWORD) for user in User.objects.all())


def test_where_others_can_reach_the_desk_nobody_gets_the_known_password(settings):
    settings.SITE_IS_LOCAL = False

    staff = hire_staff()

    assert {user.has_usable_password() for user in staff.values()} == {False}


def test_a_desk_that_somebody_works_with_is_left_alone():
    ProductFactory()
    out, said = StringIO(), StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("seed_demo", "--json", stdout=out, stderr=said)

    assert (ended.value.code, json.loads(out.getvalue())) == (1, {"changed": False})
    assert said.getvalue() == "Somebody works with this desk already: the demo story is only for an empty one.\n"
    assert (Product.objects.count(), User.objects.count()) == (1, 0)
