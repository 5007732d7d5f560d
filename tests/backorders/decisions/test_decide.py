"""What a decision changes, for whom, and what is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backorders.decisions.decide import Decider, decide
from backorders.decisions.queries.questions import save_rate
from backorders.decisions.questions import ask, ask_lines, decide_by_silence, offer_substitutes, withdraw
from backorders.decisions.substitutes import OtherWarehouse, alternatives, offers_for
from backorders.enums import Answer, DecidedBy, EventKind, QuestionKind, QuestionState
from backorders.errors import CannotAsk, DecisionRefused, NobodyToTell, StaleForm
from backorders.fulfilment.receive import serve_free_stock
from backorders.fulfilment.ship import pick_order
from backorders.fulfilment.stock_corrections import adjust_stock
from backorders.models import CustomerSettings, Decision, LineEvent, OrderLine, Question, RefundTask, TrackingLink
from backorders.orders.cancel import cancel_order
from config.lib.periods import Period
from inventory.models import Substitute
from notifications.models import Message
from notifications.services.preview import words_of
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY, ProductFactory, StockLevelFactory, WarehouseFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def short():
    """Three of the product are here."""
    return StockLevelFactory(product__sku="SAW-200", product__price="10", on_hand=3).product


def line_of(order) -> OrderLine:
    return OrderLine.objects.select_related("order").get(order=order)


def customer(line: OrderLine) -> Decider:
    link = TrackingLink.objects.filter(order=line.order_id).first()
    return Decider(DecidedBy.CUSTOMER, link_id=link.pk)


def answer(line, which, *, key="k1", now=MONDAY + HOUR, decider=None, **values):
    return decide(line_id=line.pk, answer=which, decider=decider or customer(line), key=key, now=now, **values)


def asked(line, **values):
    return ask(**{"line_id": line.pk, "kind": QuestionKind.WAIT, "by": StaffFactory(), "now": MONDAY, **values})


def states():
    return list(Question.objects.order_by("pk").values_list("state", flat=True))


def test_what_is_cancelled_goes_to_the_next_in_the_queue_who_hears_of_it(short):
    first = line_of(order_for({short: 5}))
    second = line_of(order_for({short: 2}, customer=CustomerFactory(email="next@example.com"), now=MONDAY + HOUR))
    assert (first.allocated, second.allocated) == (3, 0)

    decision = answer(first, Answer.CANCEL_REST)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.cancelled, first.open, second.allocated, decision.units) == (5, 0, 2, 5)
    assert Message.objects.filter(recipient="next@example.com", kind="goods_allocated").count() == 1
    assert Message.objects.filter(kind="cancelled").count() == 1


def test_a_cancellation_opens_a_refund_with_amount_and_due_date(short):
    line = line_of(order_for({short: 5}))

    answer(line, Answer.CANCEL_REST)

    refund = RefundTask.objects.get()
    assert (refund.amount, refund.currency, refund.units) == (Decimal("50.00"), "EUR", 5)
    assert str(refund.due_on) == "2025-11-12"  # seven working days after Monday
    assert "We refund 50.00 EUR by 12 November 2025" in Message.objects.get(kind="cancelled").context["note"]


def test_the_german_customer_reads_of_the_refund_in_german(short):
    line = line_of(order_for({short: 5}, customer=CustomerFactory(language="de")))

    answer(line, Answer.CANCEL_REST)

    assert Message.objects.get(kind="cancelled").context["note"].startswith("Wir erstatten 50,00 EUR bis 12. November")


def test_all_that_is_open_of_the_order_is_cancelled(short):
    other = StockLevelFactory(product__sku="SAW-300", on_hand=1).product
    order = order_for({short: 5, other: 1})
    line = order.lines.order_by("number")[0]

    answer(line, Answer.CANCEL_ALL)

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert RefundTask.objects.count() == 2


def test_what_is_being_packed_is_kept_and_the_rest_cancelled(short):
    order = order_for({short: 5})
    pick_order(order_id=order.pk, by=None, now=MONDAY)

    answer(line_of(order), Answer.CANCEL_REST)

    assert (line_of(order).cancelled, line_of(order).open) == (2, 3)
    with pytest.raises(DecisionRefused, match="on a pick list"):
        answer(line_of(order), Answer.CANCEL_REST, key="k2")


def test_an_order_that_ships_complete_ships_what_is_there_when_the_customer_says_so(short):
    order = order_for({short: 5}, ship_complete=True)

    answer(line_of(order), Answer.SHIP_NOW)

    [shipment] = pick_order(order_id=order.pk, by=None, now=MONDAY + 2 * HOUR)
    assert shipment.allocations.get().quantity == 3


def test_nothing_can_leave_of_an_order_of_which_nothing_is_here():
    order = order_for({ProductFactory(): 5}, ship_complete=True)

    with pytest.raises(DecisionRefused, match="Nothing on"):
        answer(line_of(order), Answer.SHIP_NOW)


def test_the_save_rate_counts_open_questions_but_not_those_that_the_desk_took_back(short):
    keeps, _, taken_back = (asked(line_of(order_for({short: 5}))) for _ in range(3))
    answer(keeps.line, Answer.KEEP_WAITING, question_id=keeps.pk)
    withdraw(question_id=taken_back.pk, now=MONDAY + HOUR)

    rate = save_rate(Period(MONDAY.date(), MONDAY.date()))

    assert (rate.hits, rate.n) == (1, 2)


def test_keep_waiting_answers_the_question_and_changes_nothing_else(short):
    line = line_of(order_for({short: 5}))
    question = asked(line)

    decision = answer(line, Answer.KEEP_WAITING, question_id=question.pk)

    line.refresh_from_db()
    assert (line.open, states(), decision.decided_by) == (5, [QuestionState.ANSWERED], DecidedBy.CUSTOMER)


def test_the_question_is_asked_by_email_with_its_deadline_and_its_default(short):
    line = line_of(order_for({short: 5}))

    question = asked(line, default=Answer.CANCEL_UNITS)

    message = Message.objects.get(dedupe_key=question.message_key)
    assert (message.context["deadline"], message.context["default"]) == ("10 November 2025", "cancel-units")
    assert LineEvent.objects.get(kind=EventKind.ASKED).message_key == question.message_key


def test_several_lines_of_an_order_are_asked_about_in_one_email_with_dates_and_price(short):
    order = order_for({short: 5, ProductFactory(sku="SAW-300", price="7.50"): 4})
    other = line_of(order_for({short: 1}))

    outcomes = ask_lines(lines=[*order.lines.all(), other], by=StaffFactory(), now=MONDAY, default=Answer.CANCEL_UNITS)

    assert [refusal for _, refusal in outcomes] == ["", "", ""]
    emails = Message.objects.filter(kind="question_asked").order_by("pk")
    assert [len([line for line in email.context["lines"] if line["quantity"]]) for email in emails] == [2, 1]
    words = words_of(emails[0])
    for fact in ("- 2 × ", "- 4 × ", "no reliable date yet", "Price of these items: 50.00 EUR", "Answer now: http"):
        assert fact in words.text
    assert "we will cancel the items you are waiting for" in words.text


def test_the_last_day_ends_where_the_customer_lives():
    order = order_for({ProductFactory(): 5}, customer=CustomerFactory(time_zone="America/New_York"))

    question = asked(line_of(order))

    assert question.deadline_at.isoformat() == "2025-11-11T00:00:00-05:00"


@pytest.mark.parametrize(("default", "cancelled"), [(Answer.KEEP_WAITING, 0), (Answer.CANCEL_UNITS, 2)])
def test_silence_means_what_was_stated_and_is_logged_once(short, default, cancelled):
    line = line_of(order_for({short: 5}))
    question = asked(line, default=default)

    assert decide_by_silence(now=question.deadline_at - HOUR) == 0
    assert decide_by_silence(now=question.deadline_at) == 1
    assert decide_by_silence(now=question.deadline_at + HOUR) == 0

    line.refresh_from_db()
    assert (line.cancelled, states()) == (cancelled, [QuestionState.DEFAULTED])
    assert Decision.objects.get().decided_by == DecidedBy.SILENCE
    assert "silence" in LineEvent.objects.get(kind=EventKind.ANSWERED).note


def test_silence_ends_what_waits_and_nothing_that_is_set_aside():
    """The email said: we cancel the items you are waiting for. Three of the eight are set aside."""
    saw = StockLevelFactory(on_hand=3).product
    line = line_of(order_for({saw: 8}))
    question = asked(line, default=Answer.CANCEL_UNITS)

    decide_by_silence(now=question.deadline_at)

    line.refresh_from_db()
    assert (question.units, line.cancelled, line.open, line.allocated) == (5, 5, 3, 3)


def test_silence_never_ends_more_units_than_the_question_named():
    level = StockLevelFactory(on_hand=3)
    line = line_of(order_for({level.product: 8}))
    question = asked(line, default=Answer.CANCEL_UNITS)
    lose = {"product_id": level.product_id, "warehouse_id": level.warehouse_id, "reason": "Broken", "by": None}
    adjust_stock(**lose, delta=-3, key="lost", now=MONDAY)

    decide_by_silence(now=question.deadline_at)

    line.refresh_from_db()
    assert (line.cancelled, line.open, line.missing) == (5, 3, 3)


def test_a_question_ends_when_nothing_waits_any_more(short):
    line = line_of(order_for({short: 5}))
    asked(line, default=Answer.CANCEL_UNITS)
    adjust_stock(
        product_id=short.pk, warehouse_id=line.warehouse_id, delta=5, reason="Found", key="f", by=None, now=MONDAY
    )
    serve_free_stock(now=MONDAY)

    assert list(Question.objects.asking()) == []
    decide_by_silence(now=MONDAY + HOUR)

    line.refresh_from_db()
    assert (states(), line.open) == ([QuestionState.WITHDRAWN], 5)


@pytest.mark.parametrize(("units", "left"), [(None, (5, 3, 3)), (2, (2, 6, 3)), (6, (6, 2, 2))])
def test_the_customer_chooses_how_many_to_cancel_those_that_wait_first(units, left):
    line = line_of(order_for({StockLevelFactory(on_hand=3).product: 8}))

    answer(line, Answer.CANCEL_UNITS, units=units)

    line.refresh_from_db()
    assert (line.cancelled, line.open, line.allocated) == left


def test_more_than_is_open_is_not_cancelled():
    line = line_of(order_for({StockLevelFactory(on_hand=3).product: 8}))

    with pytest.raises(DecisionRefused, match="9 units cannot be cancelled"):
        answer(line, Answer.CANCEL_UNITS, units=9)


def test_a_question_about_a_line_that_is_closed_by_now_is_withdrawn(short):
    order = order_for({short: 5})
    question = asked(line_of(order))
    cancel_order(order_id=order.pk, by=None, now=MONDAY + HOUR)

    decide_by_silence(now=question.deadline_at)

    assert states() == [QuestionState.WITHDRAWN]
    assert Decision.objects.count() == 0


def test_an_answer_after_the_deadline_changes_nothing(short):
    line = line_of(order_for({short: 5}))
    question = asked(line)

    with pytest.raises(DecisionRefused, match="deadline for this answer"):
        answer(line, Answer.CANCEL_REST, question_id=question.pk, now=question.deadline_at)

    line.refresh_from_db()
    assert (line.open, states()) == (5, [QuestionState.OPEN])


def test_the_second_answer_is_told_of_the_first(short):
    line = line_of(order_for({short: 5}))
    question = asked(line)
    answer(line, Answer.KEEP_WAITING, question_id=question.pk)

    with pytest.raises(DecisionRefused, match="already answered on 3 Nov 2025"):
        answer(line, Answer.CANCEL_REST, question_id=question.pk, key="k2")

    line.refresh_from_db()
    assert line.open == 5


def test_the_same_form_twice_is_one_decision(short):
    line = line_of(order_for({short: 5}))

    first, second = answer(line, Answer.CANCEL_REST), answer(line, Answer.CANCEL_REST)

    assert first == second
    assert RefundTask.objects.count() == 1
    with pytest.raises(DecisionRefused, match="another decision"):
        answer(line, Answer.SHIP_NOW)


def test_shipped_or_cancelled_lines_take_no_decision(short):
    order = order_for({short: 5})
    line = line_of(order)
    cancel_order(order_id=order.pk, by=None, now=MONDAY)

    with pytest.raises(DecisionRefused, match="it is cancelled"):
        answer(line, Answer.CANCEL_REST)


def test_a_form_that_saw_other_quantities_changes_nothing(short):
    line = line_of(order_for({short: 5}))

    with pytest.raises(StaleForm, match="5 units are open by now, not 6"):
        answer(line, Answer.CANCEL_REST, seen_open=6)


@pytest.mark.parametrize("unasked", [Answer.KEEP_WAITING, Answer.SUBSTITUTE])
def test_what_nobody_asked_cannot_be_answered(short, unasked):
    line = line_of(order_for({short: 5}))

    with pytest.raises(DecisionRefused, match="was not asked"):
        answer(line, unasked)


def test_a_question_of_another_line_is_refused(short):
    line, other = line_of(order_for({short: 5})), line_of(order_for({short: 6}))
    question = asked(other)

    with pytest.raises(DecisionRefused, match="already answered"):
        answer(line, Answer.KEEP_WAITING, question_id=question.pk)


def test_staff_answer_with_a_note(short):
    line, person = line_of(order_for({short: 5})), StaffFactory()
    question = asked(line)

    decision = answer(
        line,
        Answer.CANCEL_REST,
        question_id=question.pk,
        decider=Decider(DecidedBy.STAFF, user=person, note="On the phone"),
    )

    assert (decision.made_by, decision.note) == (person, "On the phone")
    event = LineEvent.objects.get(kind=EventKind.ANSWERED)
    assert "On the phone" in event.note
    assert event.made_by == person


def test_what_cannot_be_asked(short):
    waiting = line_of(order_for({short: 5}))
    covered = line_of(order_for({StockLevelFactory(on_hand=9).product: 5}))
    unreachable = line_of(order_for({short: 5}, customer=CustomerFactory(email="")))
    asked(waiting)

    with pytest.raises(CannotAsk, match="already been asked this"):
        asked(waiting)
    with pytest.raises(CannotAsk, match="is not waiting"):
        asked(covered)
    with pytest.raises(NobodyToTell):
        asked(unreachable)
    with pytest.raises(CannotAsk, match="has passed"):
        asked(line_of(order_for({short: 1})), answer_by=(MONDAY - DAY).date())


def test_several_lines_are_asked_each_by_itself(short):
    lines = [line_of(order_for({short: 5})), line_of(order_for({StockLevelFactory(on_hand=9).product: 5}))]

    told = ask_lines(lines=lines, by=StaffFactory(), now=MONDAY, default=Answer.KEEP_WAITING)

    assert [bool(refusal) for _, refusal in told] == [False, True]


def test_a_question_is_taken_back_once(short):
    question = asked(line_of(order_for({short: 5})))

    assert withdraw(question_id=question.pk, now=MONDAY) is True
    assert withdraw(question_id=question.pk, now=MONDAY) is False


# --- Substitutes --------------------------------------------------------------------------------------------------


@pytest.fixture
def pair():
    """Packs of ten stand for ten single pieces; 4 packs are here."""
    single = ProductFactory(sku="BOLT-1", price="1.00")
    pack = StockLevelFactory(product__sku="BOLT-10", product__price="9.00", on_hand=4).product
    return Substitute.objects.create(product=single, substitute=pack, units=1, per=10, approved_at=MONDAY)


def test_the_offer_rounds_up_and_never_costs_more(pair):
    line = line_of(order_for({pair.product: 25}))

    [offer] = offers_for(line)

    assert (offer.units, offer.price, offer.free) == (3, Decimal("8.3333"), 4)


def test_a_substitute_is_taken_with_consent_only(pair):
    order = order_for({pair.product: 20})
    line = line_of(order)
    question = asked(line, kind=QuestionKind.SUBSTITUTE, substitute_id=pair.pk)
    assert order.lines.count() == 1

    answer(line, Answer.SUBSTITUTE, question_id=question.pk)

    old, new = order.lines.order_by("number")
    assert (old.cancelled, old.open) == (20, 0)
    assert (new.product, new.ordered, new.allocated, new.unit_price) == (pair.substitute, 2, 2, Decimal("9.0000"))
    assert "2 × BOLT-10 in place of 20 × BOLT-1" in LineEvent.objects.get(kind=EventKind.ANSWERED).note
    assert RefundTask.objects.count() == 0


def test_silence_never_takes_a_substitute(pair):
    order = order_for({pair.product: 20})
    question = asked(line_of(order), kind=QuestionKind.SUBSTITUTE, substitute_id=pair.pk)

    decide_by_silence(now=question.deadline_at)

    assert (order.lines.count(), line_of(order).open) == (1, 20)


def test_what_is_not_approved_or_not_here_is_not_offered(pair):
    line = line_of(order_for({pair.product: 50}))

    with pytest.raises(CannotAsk, match="only 4 × BOLT-10 are free"):
        asked(line, kind=QuestionKind.SUBSTITUTE, substitute_id=pair.pk)
    with pytest.raises(CannotAsk, match="not approved"):
        asked(line, kind=QuestionKind.SUBSTITUTE, substitute_id=pair.pk + 1)
    Substitute.objects.update(active=False)
    assert offers_for(line) == []


def test_an_offer_that_no_longer_fits_changes_nothing(pair):
    order = order_for({pair.product: 20})
    line = line_of(order)
    question = asked(line, kind=QuestionKind.SUBSTITUTE, substitute_id=pair.pk)
    Substitute.objects.update(units=2)

    with pytest.raises(DecisionRefused, match="no longer fits"):
        answer(line, Answer.SUBSTITUTE, question_id=question.pk)

    assert (order.lines.count(), line_of(order).open) == (1, 20)


def test_the_rule_offers_each_line_once_where_the_settings_say_so(pair):
    line = line_of(order_for({pair.product: 20}))
    assert line.promised_on is None
    assert offer_substitutes(now=MONDAY) == 0
    CustomerSettings.objects.update(offers_by_rule=True)

    assert offer_substitutes(now=MONDAY) == 1
    assert offer_substitutes(now=MONDAY) == 0


@pytest.mark.parametrize(
    ("order", "kinds"),
    [("warehouse-first", ["w", "s"]), ("substitute-first", ["s", "w"]), ("substitute-only", ["s"])],
)
def test_alternatives_come_in_the_order_of_the_settings(pair, order, kinds):
    line = line_of(order_for({pair.product: 20}))
    StockLevelFactory(product=pair.product, warehouse=WarehouseFactory(code="SOUTH"), on_hand=7)
    CustomerSettings.objects.update(alternatives=order)

    assert ["w" if isinstance(a, OtherWarehouse) else "s" for a in alternatives(line)] == kinds
