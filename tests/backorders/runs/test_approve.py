from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from backorders.enums import AllocationKind, OverrideKind, RunKind, RunStatus
from backorders.errors import CannotApply, CannotRollBack
from backorders.fulfilment.ship import pick_order
from backorders.models import Allocation, AllocationRun, LineEvent, RunPromise, RunResult
from backorders.runs.allocate_stock import allocate_stock, continue_run
from backorders.runs.approve import apply_run, approve_run, discard_run, reject_run, roll_back_run
from backorders.runs.guard import objections_to
from backorders.runs.overrides.outcomes import Wish
from backorders.runs.overrides.override import override_line
from backorders.runs.quotas import NewQuota, keep_stock
from inventory.errors import ReasonMissing
from notifications.models import MailRules, Message
from tests.backorders.guarded import a_contested_pool, a_policy
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, StockEntryFactory
from tests.factories.staff import StaffFactory, staff_with

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)
LATER = NOON + timedelta(hours=1)


def simulate(policy: str = "customer-importance") -> AllocationRun:
    return allocate_stock(kind=RunKind.SIMULATION, policy_code=policy, now=NOON)


def run(policy: str = "customer-importance", **values) -> AllocationRun:
    return allocate_stock(kind=RunKind.MANUAL, policy_code=policy, now=NOON, **values)


def go_on(run: AllocationRun) -> AllocationRun:
    continue_run(run_id=run.pk, now=LATER)
    run.refresh_from_db()
    return run


def held(*lines) -> list[int]:
    for line in lines:
        line.refresh_from_db()
    return [line.allocated for line in lines]


def results(run: AllocationRun) -> list[tuple[int, int, int, str]]:
    rows = RunResult.objects.filter(run_id=run.pk).order_by("line_id")
    return list(rows.values_list("line_id", "before", "after", "reason"))


def test_applying_a_simulation_writes_what_it_found_and_its_run_says_the_same():
    _, basic, platinum = a_contested_pool()
    simulation = simulate()
    assert held(basic, platinum) == [5, 0]

    applied = go_on(apply_run(run_id=simulation.pk, by=None, now=LATER))

    assert held(basic, platinum) == [0, 5]
    assert (applied.kind, applied.status, applied.lines_changed) == (RunKind.MANUAL, RunStatus.FINISHED, 2)
    assert results(applied) == results(simulation)


def test_a_simulation_changes_what_the_run_itself_would_have_changed():
    level, _, _ = a_contested_pool()
    order_for({level.product: 3})
    found = results(simulate())

    assert results(run()) == found


def test_applying_twice_is_harmless():
    _, _, platinum = a_contested_pool()
    simulation = simulate()
    first = go_on(apply_run(run_id=simulation.pk, by=None, now=LATER))

    assert go_on(apply_run(run_id=simulation.pk, by=None, now=LATER)) == first
    assert Message.objects.filter(kind="goods_allocated", aggregate=f"order:{platinum.order_id}").count() == 1


@pytest.mark.parametrize(
    "what", ["more stock", "a new line", "a pick list", "a cancellation", "a pin", "a hold", "a quota"]
)
def test_a_queue_that_looks_otherwise_by_now_is_skipped_with_the_reason_and_the_others_are_not(what):
    level, basic, platinum = a_contested_pool()
    _, other_basic, other_platinum = a_contested_pool("DRILL-1")
    simulation = simulate()
    if what == "more stock":
        StockEntryFactory(stock_level=level, delta=3)
        reason = "3 units are free now, not 0."
    elif what == "a new line":
        newcomer = order_for({level.product: 2}, now=LATER).lines.get()
        reason = f"{newcomer} was added."
    elif what == "a pick list":
        pick_order(order_id=basic.order_id, by=None, now=LATER)
        reason = f"{basic} holds 0 of 0 units now, not 5 of 5."
    elif what == "a pin":
        override_line(wish=Wish(basic.pk, OverrideKind.PIN, "By phone", units=2), by=None, now=LATER)
        reason = f"{basic} holds 3 of 3 units now, not 5 of 5."
    elif what == "a hold":
        until = (LATER + timedelta(days=9)).date()
        override_line(wish=Wish(platinum.pk, OverrideKind.HOLD, "Credit", until=until), by=None, now=LATER)
        reason = f"{platinum} is on hold until {until:%-d %b %Y}."
    elif what == "a quota":
        today = LATER.date()
        days = {"starts_on": today, "ends_on": today + timedelta(days=9), "release_on": today + timedelta(days=9)}
        quota = NewQuota(
            customer_id=basic.order.customer_id, product_id=level.product_id, units=3, reason="Fair", **days
        )
        keep_stock(quota=quota, by=None, now=LATER)
        reason = "A quota has changed."
    else:
        type(basic).objects.filter(pk=platinum.pk).update(cancelled=5)
        type(basic.order).objects.filter(pk=platinum.order_id).update(status="cancelled")
        reason = f"{platinum} is closed."

    applied = go_on(apply_run(run_id=simulation.pk, by=None, now=LATER))

    assert [(skip.product, skip.reason) for skip in applied.skips.all()] == [(level.product, reason)]
    assert held(basic, other_basic, other_platinum) == [5, 0, 5]


def test_a_discarded_simulation_is_not_applied_and_an_applied_one_not_discarded():
    a_contested_pool()
    discarded, applied = simulate(), simulate()
    discard_run(run_id=discarded.pk, note="Another policy is better", by=None, now=LATER)
    go_on(apply_run(run_id=applied.pk, by=None, now=LATER))

    with pytest.raises(CannotApply, match="is discarded: only a finished simulation"):
        apply_run(run_id=discarded.pk, by=None, now=LATER)
    with pytest.raises(CannotApply, match="already applied"):
        discard_run(run_id=applied.pk, note="", by=None, now=LATER)


def test_a_run_that_wrote_is_no_simulation_to_apply():
    a_contested_pool()

    with pytest.raises(CannotApply, match="only a finished simulation"):
        apply_run(run_id=run().pk, by=None, now=LATER)


@pytest.mark.parametrize(
    ("rules", "objection"),
    [
        ({"approval_threshold": 0}, "1 promised date would move later; the policy allows 0"),
        ({"churn_budget": 0}, "1 line would lose stock; the policy allows 0"),
    ],
)
def test_a_run_that_its_guard_objects_to_writes_nothing_and_awaits_approval(rules, objection):
    _, basic, platinum = a_contested_pool()
    a_policy("guarded", **rules)

    waiting = run("guarded")

    assert (waiting.status, held(basic, platinum)) == (RunStatus.AWAITING, [5, 0])
    assert objections_to(waiting) == [objection]
    assert (waiting.promises_worse, waiting.lines_lost) == (1, 1)
    [promise] = RunPromise.objects.filter(run_id=waiting.pk, is_worse=True)
    assert (promise.line_id, promise.told_on, promise.after_on) == (basic.pk, MONDAY.date(), None)


def test_a_run_within_its_guard_writes_what_it_weighed():
    _, basic, platinum = a_contested_pool()
    a_policy("lenient", approval_threshold=1, churn_budget=1)

    done = run("lenient")

    assert (done.status, done.held, held(basic, platinum)) == (RunStatus.FINISHED, False, [0, 5])


def test_a_nightly_run_and_a_run_after_a_receipt_obey_the_guard_too():
    level, basic, platinum = a_contested_pool()
    policy = a_policy("guarded", approval_threshold=0)
    type(policy).objects.filter(is_default=True).update(is_default=False)
    type(policy).objects.filter(pk=policy.pk).update(is_default=True)

    nightly = allocate_stock(kind=RunKind.NIGHTLY, now=NOON)
    receipt = allocate_stock(kind=RunKind.RECEIPT, product_ids=[level.product_id], now=NOON)

    assert (nightly.status, receipt.status) == (RunStatus.AWAITING, RunStatus.AWAITING)
    assert held(basic, platinum) == [5, 0]


def test_no_promise_of_the_class_win_becomes_later_unasked():
    """What basic customers are guaranteed exceeds the stock, and the fallback would serve the platinum one."""
    _, basic, platinum = a_contested_pool()
    type(basic).objects.filter(pk=basic.pk).update(ordered=9)
    keys = [{"field": "placed_at"}]
    filters = [{"field": "tier", "operator": "in", "values": ["basic"]}]
    wins = {"name": "Basic", "strategy": "WIN", "filters": filters, "keys": keys}
    a_policy("winners", segments=[wins], fallback="customer-importance")

    waiting = run("winners")

    assert (waiting.status, waiting.win_worse, held(basic, platinum)) == (RunStatus.AWAITING, 1, [5, 0])
    assert objections_to(waiting) == ["1 promised date of class Win would move later"]


def test_a_second_person_approves_and_a_run_of_its_own_writes_it():
    _, basic, platinum = a_contested_pool()
    a_policy("guarded", approval_threshold=0)
    planner, approver = StaffFactory(), StaffFactory(first_name="Ingrid", last_name="Larsson")
    waiting = run("guarded", by=planner)

    applied = go_on(approve_run(run_id=waiting.pk, note="Basic knows", by=approver, now=LATER))

    waiting.refresh_from_db()
    assert held(basic, platinum) == [0, 5]
    assert (waiting.status, waiting.decided_by, waiting.decision_note) == (RunStatus.APPROVED, approver, "Basic knows")
    assert (applied.source_run, applied.cause) == (waiting, f"{waiting}, approved by Ingrid Larsson")


def test_a_rejected_run_never_writes():
    _, basic, platinum = a_contested_pool()
    a_policy("guarded", approval_threshold=0)
    waiting = run("guarded")

    rejected = reject_run(run_id=waiting.pk, note="Not before Christmas", by=StaffFactory(), now=LATER)

    assert (rejected.status, held(basic, platinum)) == (RunStatus.REJECTED, [5, 0])
    with pytest.raises(CannotApply, match="does not need approval"):
        approve_run(run_id=waiting.pk, note="After all", by=StaffFactory(), now=LATER)


def test_who_started_a_run_does_not_approve_it_and_nobody_without_a_note():
    a_contested_pool()
    a_policy("guarded", approval_threshold=0)
    planner = StaffFactory()
    waiting = run("guarded", by=planner)

    with pytest.raises(CannotApply, match="somebody else must approve it"):
        approve_run(run_id=waiting.pk, note="Mine", by=planner, now=LATER)
    with pytest.raises(ReasonMissing):
        approve_run(run_id=waiting.pk, note=" ", by=StaffFactory(), now=LATER)


def test_a_simulation_that_the_guard_objects_to_awaits_approval_when_it_is_applied():
    _, basic, platinum = a_contested_pool()
    a_policy("guarded", approval_threshold=0)
    simulation = simulate("guarded")

    waiting = apply_run(run_id=simulation.pk, by=None, now=LATER)

    assert (waiting, waiting.status, held(basic, platinum)) == (simulation, RunStatus.AWAITING, [5, 0])


def test_whoever_may_approve_is_asked_once_by_email_and_whoever_started_it_is_not():
    a_contested_pool()
    a_policy("guarded", approval_threshold=0)
    starter, approver, other = (staff_with("backorders.approve_run") for _ in range(3))
    for person, address in (
        (starter, "starter@desk.example"),
        (approver, "Second@desk.example"),
        (other, "no address"),
    ):
        User.objects.filter(pk=person.pk).update(email=address)
    StaffFactory(email="viewer@desk.example")

    waiting = run("guarded", by=starter)
    continue_run(run_id=waiting.pk, now=LATER)
    simulation = allocate_stock(kind=RunKind.SIMULATION, policy_code="guarded", now=NOON, by=starter)
    for _ in range(2):
        with suppress(CannotApply):
            apply_run(run_id=simulation.pk, by=starter, now=LATER)

    asked = Message.objects.filter(kind="staff_alert").order_by("pk")
    assert [(message.recipient, message.context["title"]) for message in asked] == [
        ("second@desk.example", f"{waiting} needs approval"),
        ("second@desk.example", f"{simulation} needs approval"),
    ]
    assert asked[0].context["details"] == ["1 promised date would move later; the policy allows 0."]
    assert asked[0].context["page"].endswith(f"/runs/{waiting.pk}/")


def test_where_no_approver_has_an_address_those_told_of_trouble_are_asked():
    MailRules.objects.update(staff_addresses=["desk@desk.example"])
    a_contested_pool()
    a_policy("guarded", approval_threshold=0)

    run("guarded")

    assert Message.objects.get(kind="staff_alert").recipient == "desk@desk.example"


def test_rolling_back_gives_and_takes_by_new_rows_and_says_so():
    _, basic, platinum = a_contested_pool()
    done = run()
    rows = Allocation.objects.count()

    back = go_on(roll_back_run(run_id=done.pk, reason="Wrong policy", by=None, now=LATER))

    done.refresh_from_db()
    assert (back.kind, back.status, done.status) == (RunKind.ROLLBACK, RunStatus.FINISHED, RunStatus.UNDONE)
    assert held(basic, platinum) == [5, 0]
    assert Allocation.objects.count() == rows + 1
    assert results(back) == [(basic.pk, 0, 5, "rolled_back"), (platinum.pk, 5, 0, "rolled_back")]
    event = LineEvent.objects.filter(line=basic).latest("pk")
    assert (event.kind, event.note) == ("rolled_back", f"{done} rolled back: Wrong policy")
    assert Message.objects.filter(kind="backorder_opened", aggregate=f"order:{platinum.order_id}").exists()


def test_a_queue_of_which_something_is_picked_stays_and_the_others_are_rolled_back():
    _, basic, platinum = a_contested_pool()
    _, other_basic, other_platinum = a_contested_pool("DRILL-1")
    done = run()
    [pick_list] = pick_order(order_id=platinum.order_id, by=None, now=NOON)

    back = go_on(roll_back_run(run_id=done.pk, reason="Wrong policy", by=None, now=LATER))

    assert [skip.reason for skip in back.skips.all()] == [f"{platinum} is on pick list {pick_list}."]
    assert held(basic, platinum, other_basic, other_platinum) == [0, 5, 5, 0]


def test_a_run_is_rolled_back_once_and_only_while_something_is_as_it_left_it():
    _, _, platinum = a_contested_pool()
    done = run()
    go_on(roll_back_run(run_id=done.pk, reason="Wrong", by=None, now=LATER))
    again = run()
    pick_order(order_id=platinum.order_id, by=None, now=NOON)

    with pytest.raises(CannotRollBack, match="rolled back: only an applied run"):
        roll_back_run(run_id=done.pk, reason="Wrong", by=None, now=LATER)
    with pytest.raises(CannotRollBack, match="is on pick list"):
        roll_back_run(run_id=again.pk, reason="Wrong", by=None, now=LATER)
    with pytest.raises(CannotRollBack, match="changed nothing"):
        roll_back_run(run_id=run().pk, reason="Wrong", by=None, now=LATER)
    with pytest.raises(ReasonMissing):
        roll_back_run(run_id=again.pk, reason=" ", by=None, now=LATER)


def test_pinned_units_are_neither_given_nor_taken():
    _, basic, platinum = a_contested_pool()
    Allocation.objects.filter(line=basic).update(kind=AllocationKind.PINNED)

    applied = go_on(apply_run(run_id=simulate().pk, by=None, now=LATER))

    assert (applied.lines_changed, held(basic, platinum)) == (0, [5, 0])
