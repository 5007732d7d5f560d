"""Runs of policies that look ahead: goods on their way count for Win lines, and parked stock is lent."""

from datetime import timedelta

import pytest

from backorders.enums import RunKind, RunStatus
from backorders.fulfilment.receive import receive_goods
from backorders.models import OrderLine, Peg, Promise, RunException, RunPromise, RunResult, RunWait
from backorders.promising.promise_dates import promise_due
from backorders.runs.allocate_stock import allocate_stock, continue_run
from backorders.runs.approve import apply_run, approve_run, roll_back_run
from backorders.runs.explain import explain_line
from backorders.runs.overrides.pegs import peg_supply
from backorders.runs.policies import choose_default_policy, write_policy
from backorders.runs.queries.run_results import told_results
from backorders.runs.snapshots import replay_run
from inventory.purchasing.dates import change_confirmed_date
from notifications.models import Message
from tests.backorders.waiting import DAY, ordered_line
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, PurchaseOrderLineFactory, StockEntryFactory, StockLevelFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=2)
TODAY = MONDAY.date()
KEYS = [{"field": "placed_at"}]
EARLY = {"field": "order_size", "operator": "at_least", "values": [10]}


def a_policy(code, **rules):
    definition = {"rest": {"strategy": "REDISTRIBUTE", "keys": KEYS}, **rules}
    policy = write_policy(code=code, name=code, description="", definition=definition, comment="", by=None, now=MONDAY)
    choose_default_policy(policy_id=policy.pk, by=None, now=MONDAY)
    return policy


@pytest.fixture
def on_time():
    """Lines of ten units and more are Win lines, and goods on their way count."""
    large = {"name": "Large", "strategy": "WIN", "keys": KEYS, "filters": [EARLY]}
    return a_policy("on-time", segments=[large], inbound=True)


@pytest.fixture
def lending():
    return a_policy("lending", borrow=True)


def coming(product, units, *, days, number):
    return PurchaseOrderLineFactory(
        product=product,
        ordered=units,
        confirmed_on=TODAY + timedelta(days),
        requested_on=TODAY + timedelta(days),
        purchase_order__number=number,
    )


def run(kind=RunKind.MANUAL, now=LATER, **values):
    done = allocate_stock(kind=kind, now=now, **values)
    if done.status == RunStatus.AWAITING:
        approved = approve_run(run_id=done.pk, note="Fine", by=staff_with(), now=now)
        continue_run(run_id=approved.pk, now=now)
        approved.refresh_from_db()
        return approved
    return done


def held(*lines):
    return [OrderLine.objects.get(pk=line.pk).allocated for line in lines]


def promised(line):
    return OrderLine.objects.get(pk=line.pk).promised_on


def kept():
    pegs = Peg.objects.active().planned().order_by("line_id", "purchase_line_id")
    return list(pegs.values_list("line_id", "purchase_line__purchase_order__number", "units", "lent_to_id"))


def sentence(done, line):
    [told] = told_results(RunResult.objects.filter(run_id=done.pk, line_id=line.pk), run=done)
    return told.sentence


@pytest.fixture
def patient(on_time):
    """A Win line that wants ten units in ten days holds all there is; a small one came later and wants them today."""
    product = StockLevelFactory(on_hand=10).product
    large = ordered_line(10, product=product, requested_on=TODAY + 10 * DAY)
    small = ordered_line(8, product=product, now=MONDAY + timedelta(hours=1))
    soon, late = coming(product, 6, days=4, number="PO-55"), coming(product, 9, days=8, number="PO-66")
    promise_due(now=MONDAY)
    return large, small, soon, late


def test_a_win_line_waits_for_goods_that_are_in_time_and_leaves_the_stock_to_who_needs_it_sooner(patient):
    large, small, *_ = patient

    done = run()

    assert held(large, small) == [0, 8]
    assert kept() == [(large.pk, "PO-55", 1, None), (large.pk, "PO-66", 9, None)]
    assert promised(large) == TODAY + 8 * DAY
    assert sentence(done, large) == (
        f"First of 2 in the queue for {large.product.sku}: gives back 10 of 10 and keeps 0 of 10; incoming goods"
        " cover the rest: 1 unit of PO-55 by 7 Nov 2025, 9 units of PO-66 by 11 Nov 2025."
    )
    assert not RunException.objects.exists()


def test_a_second_run_changes_nothing(patient):
    run()
    pegs = list(Peg.objects.values_list("pk", "ended_at"))

    again = run(now=LATER + timedelta(hours=1))

    assert (again.lines_changed, list(Peg.objects.values_list("pk", "ended_at"))) == (0, pegs)


def test_what_is_kept_goes_with_its_goods_when_they_slip_and_the_next_run_plans_anew(patient):
    large, small, _, late = patient
    run()

    change_confirmed_date(line_id=late.pk, new_on=TODAY + 30 * DAY, reason="Strike", by=None, now=LATER)
    promise_due(now=LATER)
    assert promised(large) == TODAY + 30 * DAY
    run(now=LATER + timedelta(hours=1))

    assert held(large, small) == [4, 6]
    assert kept() == [(large.pk, "PO-55", 6, None)]


def test_where_a_guarantee_cannot_be_met_any_more_all_stays_as_it_is(patient):
    large, small, soon, late = patient
    run()
    before = held(large, small), kept()
    for goods in (soon, late):
        change_confirmed_date(line_id=goods.pk, new_on=TODAY + 30 * DAY, reason="Strike", by=None, now=LATER)
    ordered_line(10, product=large.product, requested_on=TODAY + 9 * DAY, now=LATER)

    run(now=LATER + timedelta(hours=1))

    assert RunException.objects.filter(served_by="").exists()
    assert (held(large, small), kept()) == before


def test_goods_that_are_kept_are_given_to_their_line_when_they_arrive(patient):
    large, small, soon, late = patient
    run()

    for goods, units in ((soon, 6), (late, 9)):
        receive_goods(
            purchase_order_id=goods.purchase_order_id,
            reference=f"D-{goods.pk}",
            quantities={goods.pk: units},
            by=None,
            now=LATER + 8 * DAY,
        )

    assert held(large, small) == [10, 8]
    assert kept() == []


def test_a_win_line_that_goods_on_their_way_cannot_cover_in_time_is_an_exception(on_time):
    product = StockLevelFactory(on_hand=3).product
    large = ordered_line(10, product=product, requested_on=TODAY + 5 * DAY)
    coming(product, 6, days=4, number="PO-55")
    coming(product, 99, days=6, number="PO-66")

    run()

    exception = RunException.objects.get()
    assert (exception.line_id, exception.missing, held(large), kept()) == (large.pk, 1, [3], [])


def test_what_a_person_pegged_covers_its_line_and_no_run_plans_with_it(patient):
    large, small, _, late = patient
    peg_supply(line_id=small.pk, purchase_line_id=late.pk, units=8, reason="Asked for", by=None, now=MONDAY)

    run()

    assert held(large, small) == [3, 0]
    assert kept() == [(large.pk, "PO-55", 6, None), (large.pk, "PO-66", 1, None)]
    assert Peg.objects.active().by_people().get().line == small


def test_a_simulation_says_what_would_be_kept_and_its_run_keeps_it(patient):
    large, small, *_ = patient

    simulation = allocate_stock(kind=RunKind.SIMULATION, now=LATER)
    assert (held(large, small), kept()) == ([10, 0], [])
    assert RunPromise.objects.get(run_id=simulation.pk, line_id=large.pk).after_on == TODAY + 8 * DAY
    applied = apply_run(run_id=simulation.pk, by=None, now=LATER)
    if applied == simulation or applied.status == RunStatus.AWAITING:
        applied = approve_run(run_id=simulation.pk, note="Fine", by=staff_with(), now=LATER)
    continue_run(run_id=applied.pk, now=LATER)

    assert held(large, small) == [0, 8]
    assert kept() == [(large.pk, "PO-55", 1, None), (large.pk, "PO-66", 9, None)]
    assert RunWait.objects.filter(run_id=applied.pk).count() == 2
    assert replay_run(run_id=simulation.pk).identical


def test_a_simulation_is_not_applied_where_its_goods_do_not_come_any_more(patient):
    large, small, soon, _ = patient
    simulation = allocate_stock(kind=RunKind.SIMULATION, now=LATER)
    type(soon).objects.filter(pk=soon.pk).update(cancelled=6)

    applied = apply_run(run_id=simulation.pk, by=None, now=LATER)
    if applied.pk == simulation.pk:
        applied = approve_run(run_id=simulation.pk, note="Fine", by=staff_with(), now=LATER)
    continue_run(run_id=applied.pk, now=LATER)

    assert (held(large, small), kept()) == ([10, 0], [])
    assert [skip.reason for skip in applied.skips.all()] == ["Incoming goods were cancelled."]


def test_taking_a_run_back_takes_back_what_it_kept(patient):
    large, small, *_ = patient
    done = run()

    back = roll_back_run(run_id=done.pk, reason="Not so", by=None, now=LATER)
    continue_run(run_id=back.pk, now=LATER)

    assert (held(large, small), kept()) == ([10, 0], [])


@pytest.fixture
def parked(lending):
    """A complete order holds ten saws and waits for a drill that is due in ten days; another order wants saws."""
    saws, drills = StockLevelFactory(on_hand=10), StockLevelFactory()
    complete = order_for({saws.product: 10, drills.product: 1}, ship_complete=True)
    other = ordered_line(7, product=saws.product, now=MONDAY + timedelta(hours=1))
    coming(drills.product, 1, days=10, number="PO-D")
    goods = coming(saws.product, 6, days=8, number="PO-55")
    coming(saws.product, 99, days=12, number="PO-66")
    promise_due(now=MONDAY)
    return complete.lines.order_by("pk")[0], other, goods


def test_stock_of_an_order_that_is_not_complete_is_lent_as_far_as_it_is_back_in_time(parked):
    lender, borrower, _ = parked
    letters = Message.objects.count()

    done = run()

    assert held(lender, borrower) == [4, 6]
    assert kept() == [(lender.pk, "PO-55", 6, borrower.pk)]
    assert promised(lender) == TODAY + 8 * DAY
    assert sentence(done, lender).endswith(f"6 units lent to {borrower}: PO-55 brings them back by 11 Nov 2025.")
    assert sentence(done, borrower).endswith(f"6 units lent by {lender} until PO-55 brings them back by 11 Nov 2025.")
    heard = Message.objects.order_by("pk")[letters:].values_list("aggregate", flat=True)
    assert set(heard) == {f"order:{borrower.order_id}"}


def test_lending_again_changes_nothing_and_a_replay_is_identical(parked):
    done = run()
    pegs = list(Peg.objects.values_list("pk", "ended_at"))

    again = run(now=LATER + timedelta(hours=1))

    assert (again.lines_changed, list(Peg.objects.values_list("pk", "ended_at"))) == (0, pegs)
    assert replay_run(run_id=done.pk).identical
    assert replay_run(run_id=again.pk).identical


def test_what_was_lent_is_back_with_the_goods(parked):
    lender, borrower, goods = parked
    run()

    receive_goods(
        purchase_order_id=goods.purchase_order_id,
        reference="D-1",
        quantities={goods.pk: 6},
        by=None,
        now=LATER + 8 * DAY,
    )

    assert (held(lender, borrower), kept()) == ([10, 6], [])


def test_a_complete_order_gets_its_stock_back_when_the_rest_is_early(parked):
    lender, borrower, _ = parked
    run()
    drill = lender.order.lines.order_by("pk")[1]
    StockEntryFactory(stock_level=drill.product.stock_levels.get(), delta=1)

    run(now=LATER + timedelta(hours=1))

    assert (held(lender, drill, borrower), kept()) == ([10, 1, 0], [])


def test_stock_that_is_wanted_later_is_lent_and_taking_the_run_back_undoes_it(lending):
    product = StockLevelFactory(on_hand=5).product
    later = ordered_line(5, product=product, requested_on=TODAY + 20 * DAY)
    now = ordered_line(5, product=product, now=MONDAY + timedelta(hours=1))
    coming(product, 5, days=19, number="PO-55")

    done = run()
    assert held(later, now) == [0, 5]
    assert explain_line(line=later, now=LATER).waits[0].lent_to == now
    back = roll_back_run(run_id=done.pk, reason="Not so", by=None, now=LATER)
    continue_run(run_id=back.pk, now=LATER)

    assert (held(later, now), kept()) == ([5, 0], [])
    assert Promise.objects.filter(line=later).order_by("pk").last().source == "stock"
