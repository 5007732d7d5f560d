from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from backorders.enums import OverrideKind, RunKind, RunStatus
from backorders.models import (
    AllocationPolicy,
    AllocationRun,
    Comparison,
    CustomerSettings,
    DeskSettings,
    LineOverride,
    OrderLine,
    PoolBlock,
    PoolLoss,
    QueueState,
    RunPromise,
    RunResult,
    RunSkip,
    SalesOrder,
    Shipment,
)
from backorders.services.allocation import allocate_stock, start_run
from backorders.services.audit import seal_audit
from backorders.services.shipping import pick_order, ship
from tests.backorders.views.desk import signed_in, told
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, StockEntryFactory, StockLevelFactory

pytestmark = pytest.mark.django_db
EDITABLE = {AllocationPolicy, CustomerSettings, DeskSettings}
OURS = [model for model in admin.site._registry if model._meta.app_label == "backorders"]
FACTS = [model for model in OURS if model not in EDITABLE]


def place(model, what="changelist", *args):
    return reverse(f"admin:backorders_{model._meta.model_name}_{what}", args=args)


def act(client, model, action, *rows):
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(place(model), form, follow=True)


@pytest.fixture
def administrator(client):
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def order():
    """Every table has a row: one part was shipped, another is on a pick list, a third waits."""
    level = StockLevelFactory(product__sku="SAW-200", on_hand=2)
    order = order_for({level.product: 6})
    [shipment] = pick_order(order_id=order.pk, by=None, now=MONDAY)
    ship(shipment_id=shipment.pk, by=None, now=MONDAY)
    StockEntryFactory(stock_level=level, delta=3)
    allocate_stock(kind=RunKind.MANUAL, now=MONDAY + timedelta(hours=1))
    seal_audit(now=MONDAY + timedelta(hours=1))
    line = order.lines.get()
    Comparison.objects.create(made_at=MONDAY)
    LineOverride.objects.create(line=line, kind=OverrideKind.PIN, units=1, reason="Promised by phone", made_at=MONDAY)
    block = PoolBlock.objects.create(stock_level=level, reason="Counted", made_at=MONDAY)
    PoolLoss.objects.create(block=block, line=line, units=1)
    run = AllocationRun.objects.get()
    RunSkip.objects.create(run=run, product=level.product, warehouse=level.warehouse, reason="Three units came in.")
    return order


def test_every_model_is_there_but_those_with_two_keys():
    ours = {model for model in apps.get_app_config("backorders").get_models() if "event" not in model.__name__.lower()}
    assert ours - set(OURS) == {RunPromise, RunResult}
    assert {"PeriodicTask", "CrontabSchedule", "IntervalSchedule"} <= {m.__name__ for m in admin.site._registry}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_every_row_can_be_looked_at(administrator, order, model):
    row = model._default_manager.first()

    assert administrator.get(place(model)).status_code == 200
    assert administrator.get(place(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
def test_facts_are_neither_added_nor_changed(administrator, order, model):
    row = model._default_manager.first()

    assert administrator.get(place(model, "add")).status_code == 403
    assert administrator.post(place(model, "change", row.pk), {}).status_code == 403


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_nothing_is_deleted(administrator, order, model):
    row = model._default_manager.first()

    assert administrator.post(place(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_orders_are_picked_and_refusals_told(administrator, order):
    response = act(administrator, SalesOrder, "pick", order, order_for({StockLevelFactory().product: 1}))

    waiting = SalesOrder.objects.latest("pk")
    assert Shipment.objects.latest("pk").order == order
    assert told(response) == [f"Nothing of {waiting} is allocated yet.", "1 orders are on pick lists."]


def test_pick_lists_are_taken_back(administrator, order):
    [shipment] = pick_order(order_id=order.pk, by=None, now=MONDAY)

    response = act(administrator, Shipment, "take_back", shipment)

    assert told(response) == ["1 pick lists are cancelled."]
    assert OrderLine.objects.get().allocations.active().get().kind == "soft"


def test_a_failed_run_goes_on(administrator, order):
    run = start_run(kind=RunKind.MANUAL, now=MONDAY)
    AllocationRun.objects.filter(pk=run.pk).update(status=RunStatus.FAILED)

    act(administrator, AllocationRun, "go_on", run)

    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_actions_ask_for_the_permission_of_the_desk(client, order):
    signed_in(client, "backorders.view_salesorder")
    User.objects.update(is_staff=True)

    act(client, SalesOrder, "pick", order)

    assert Shipment.objects.count() == 1


def test_another_policy_becomes_the_default(administrator, order):
    act(administrator, AllocationPolicy, "make_default", AllocationPolicy.objects.get(code="order-size"))

    assert AllocationPolicy.objects.get(is_default=True).code == "order-size"


POLICY = {"code": "mine", "name": "Mine", "method": "sequence", "age_boost_days": "0", "active": "on"}


def test_a_policy_is_written(administrator):
    keys = '[{"field": "tier_rank", "descending": true}, {"field": "placed_at"}]'

    administrator.post(place(AllocationPolicy, "add"), POLICY | {"keys": keys})

    assert AllocationPolicy.objects.get(code="mine").keys[0] == {"field": "tier_rank", "descending": True}


@pytest.mark.parametrize(
    "keys",
    [
        "[]",
        "{}",
        '["placed_at"]',
        '[{"field": "shoe_size"}]',
        '[{"field": ["placed_at"]}]',
        '[{"field": "placed_at", "descending": "yes"}]',
        '[{"field": "placed_at", "order": [1]}]',
        '[{"field": "placed_at"}, {"field": "placed_at", "descending": true}]',
    ],
)
def test_a_policy_with_a_key_that_no_run_understands_is_refused(administrator, keys):
    response = administrator.post(place(AllocationPolicy, "add"), POLICY | {"keys": keys})

    assert list(response.context["adminform"].form.errors) == ["keys"]


def test_the_default_policy_stays_in_use_and_its_change_moves_the_dates(administrator, order):
    default = AllocationPolicy.objects.get(is_default=True)
    before = QueueState.objects.get().demand_version
    form = POLICY | {"code": default.code, "keys": '[{"field": "order_size"}]'}

    refused = administrator.post(
        place(AllocationPolicy, "change", default.pk), {name: form[name] for name in form if name != "active"}
    )
    administrator.post(place(AllocationPolicy, "change", default.pk), form)

    assert list(refused.context["adminform"].form.errors) == ["active"]
    assert AllocationPolicy.objects.get(is_default=True).keys == [{"field": "order_size"}]
    assert QueueState.objects.get().demand_version == before + 1
