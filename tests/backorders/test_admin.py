from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from backorders.decisions.decide import SILENCE, decide
from backorders.decisions.questions import ask
from backorders.enums import Answer, OverrideKind, QuestionKind, Resolution, RunKind, RunStatus
from backorders.fulfilment.ship import pick_order, ship
from backorders.models import (
    AllocationPolicy,
    AllocationRun,
    DelayCase,
    DelayNotice,
    DemandWeek,
    LineOverride,
    Peg,
    PoolBlock,
    PoolLoss,
    Quota,
    SalesOrder,
    Shipment,
    SignInRule,
)
from backorders.oversight.audit import seal_audit
from backorders.runs.allocate_stock import allocate_stock, start_run
from customers.models import JurisdictionProfile
from tests.backorders.desk.desk import signed_in, told
from tests.factories.backorders import order_for
from tests.factories.inventory import (
    MONDAY,
    ProductFactory,
    PurchaseOrderLineFactory,
    StockEntryFactory,
    StockLevelFactory,
)

pytestmark = pytest.mark.django_db
EDITABLE = {AllocationPolicy, SignInRule}
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
    reserve(order.lines.get())
    line = order.lines.get()
    _let_the_customer_decide(ProductFactory())
    LineOverride.objects.create(line=line, kind=OverrideKind.PIN, units=1, reason="Promised by phone", made_at=MONDAY)
    settled = {"resolution": Resolution.ACCEPTED, "settled_at": MONDAY}
    block = PoolBlock.objects.create(stock_level=level, reason="Counted", made_at=MONDAY, **settled)
    PoolLoss.objects.create(block=block, line=line, units=1)
    DemandWeek.objects.create(product=level.product, warehouse=level.warehouse, starts_on=MONDAY.date())
    return order


def _let_the_customer_decide(product):
    """A line of its own: asked, cancelled, refunded, under a delay notice."""
    line = order_for({product: 9}).lines.get()
    question = ask(line_id=line.pk, kind=QuestionKind.WAIT, by=None, now=MONDAY)
    decide(line_id=line.pk, answer=Answer.CANCEL_REST, decider=SILENCE, key="k", now=MONDAY, question_id=question.pk)
    profile = JurisdictionProfile.objects.get()
    day = MONDAY.date()
    case = DelayCase.objects.create(line=line, profile=profile, completed_on=day, applicable_on=day, opened_at=MONDAY)
    DelayNotice.objects.create(
        case=case,
        number=1,
        renewed=False,
        sent_on=day,
        silence="consent",
        silence_until=day,
        basis={},
        statements=[],
        by_other_means="Letter",
        made_at=MONDAY,
    )


def reserve(line):
    days = {"starts_on": MONDAY, "ends_on": MONDAY, "release_on": MONDAY, "made_at": MONDAY}
    Quota.objects.create(channel="web", units=5, reason="Fair", **days)
    coming = PurchaseOrderLineFactory(product=line.product, ordered=5)
    Peg.objects.create(line=line, purchase_line=coming, units=1, reason="Promised by phone", made_at=MONDAY)


def test_settings_and_the_rows_of_results_have_their_pages_at_the_desk_instead():
    assert {model for model in OURS if model.__name__.startswith("Run") or model.__name__.endswith("Settings")} == set()
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
    assert order.lines.get().allocations.active().get().kind == "soft"


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


def test_a_policy_gets_a_new_name_but_its_words_and_its_use_stay(administrator):
    default = AllocationPolicy.objects.get(is_default=True)
    form = {"name": "First come", "description": "", "code": "other", "active": "", "is_default": ""}
    form |= {f"versions-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}

    administrator.post(place(AllocationPolicy, "change", default.pk), form)

    default.refresh_from_db()
    assert (default.name, default.code, default.active, default.is_default) == ("First come", "order-date", True, True)
    assert administrator.get(place(AllocationPolicy, "add")).status_code == 403
