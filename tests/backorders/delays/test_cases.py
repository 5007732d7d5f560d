"""A protected customer's line from the order to the refund, day by day."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from backorders.decisions.decide import Decider, decide
from backorders.decisions.questions import decide_by_silence
from backorders.decisions.refunds import record_refund
from backorders.delays.cases import correct_case, record_notice, watch_delays
from backorders.delays.notices import NoticePlan, check_wording_in_force, plan_notice, statements_of
from backorders.engine.delays import DelayStanding, Silence
from backorders.enums import Answer, DecidedBy, DelayStepKind, PromiseCause, QuestionState
from backorders.errors import NoticeIncomplete
from backorders.fulfilment.receive import serve_free_stock
from backorders.fulfilment.ship import pick_order, ship
from backorders.fulfilment.stock_corrections import adjust_stock
from backorders.models import (
    Decision,
    DelayCase,
    DelayNotice,
    DelayStep,
    LineEvent,
    OrderLine,
    Promise,
    Question,
    RefundTask,
    TrackingLink,
)
from backorders.orders.cancel import cancel_order
from backorders.oversight.alarms import tell_of_trouble
from backorders.promising.promise_dates import promise_dates
from customers.enums import NoticeForm
from customers.models import Customer, JurisdictionProfile
from inventory.models import PurchaseOrderLine
from notifications.errors import TemplateRefused
from notifications.models import MailRules, Message, Suppression, TemplateVersion
from notifications.payloads import DelayNoticeGiven, MailLine, Statement
from notifications.services.delivery import deliver_due_messages
from notifications.services.rendering import Rendered, left_out
from notifications.services.wording.versions import WordingDraft, Wordings, add_version
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory, PurchaseOrderLineFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db
ORDERED = datetime(2026, 8, 5, 15, tzinfo=UTC)
T = date(2026, 9, 4)


def at(day: date, hour: int = 16) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def saw():
    return ProductFactory(sku="SAW-200", price="50")


def protected(saw, units=2, **customer) -> OrderLine:
    """No supply is known when the order is placed, so no shipping time is stated."""
    values = {"jurisdiction": "us-mail-order", "time_zone": "America/New_York", "email": "anna@example.com"} | customer
    line = order_for({saw: units}, customer=CustomerFactory(**values), now=ORDERED).lines.get()
    watch(now=ORDERED)
    return line


def watch(now: datetime) -> int:
    """A sweep, and the emails that it wrote leave."""
    watched = watch_delays(now=now)
    deliver_due_messages(now=now)
    return watched


def expect_goods(saw, day: date, now: datetime) -> None:
    """The supplier names (another) day, and the promise follows."""
    coming = PurchaseOrderLine.objects.filter(product=saw)
    if coming.exists():
        coming.update(confirmed_on=day)
    else:
        PurchaseOrderLineFactory(product=saw, ordered=50, confirmed_on=day, purchase_order__ordered_on=ORDERED.date())
    promise_dates(product_ids=[saw.pk], now=now, cause=PromiseCause.SUPPLY)
    promise = Promise.objects.order_by("-pk")[0]
    if promise.promised_on != day:  # the model of lead times may move it: these examples are about the day itself
        promised(promise.line, day, now)


def promised(line: OrderLine, day: date, now: datetime) -> None:
    Promise.objects.create(
        line=line, promised_on=day, source="purchase_order", source_reference="PO", cause="supply", made_at=now
    )


def case_of(line) -> DelayCase:
    return DelayCase.objects.get(pk=line.pk)


def agree(line, now):
    link = TrackingLink.objects.filter(order=line.order_id).first()
    question = Question.objects.open().get(line=line)
    decider = Decider(DecidedBy.CUSTOMER, link_id=link.pk)
    return decide(
        line_id=line.pk, answer=Answer.KEEP_WAITING, decider=decider, key=f"a{now:%s}", question_id=question.pk, now=now
    )


def test_the_clock_starts_with_the_order_where_no_time_was_stated(saw):
    case = case_of(protected(saw))

    assert (case.completed_on, case.stated_on, case.applicable_on) == (date(2026, 8, 5), None, T)
    assert DelayStep.objects.get(kind=DelayStepKind.OPENED).detail["profile"] == "us-mail-order"


def test_the_date_of_the_acknowledgement_is_the_stated_time(saw):
    PurchaseOrderLineFactory(
        product=saw, ordered=50, confirmed_on=date(2026, 8, 20), purchase_order__ordered_on=ORDERED.date()
    )

    case = case_of(protected(saw))

    assert case.stated_on == case.applicable_on == OrderLine.objects.get().promised_on


def test_unprotected_customers_have_no_case(saw):
    assert not DelayCase.objects.filter(pk=protected(saw, jurisdiction="").pk).exists()


def test_a_profile_protects_whole_channels(saw):
    JurisdictionProfile.objects.update(channels=["shop"])

    line = order_for({saw: 1}, channel="shop", now=ORDERED).lines.get()
    watch(now=ORDERED)

    assert case_of(line).profile.code == "us-mail-order"


def test_the_notice_leaves_two_days_after_the_delay_is_known(saw):
    line = protected(saw)
    assert case_of(line).state == "notice_due"

    watch(now=at(date(2026, 8, 6)))
    assert DelayNotice.objects.count() == 0
    watch(now=at(date(2026, 8, 7)))
    watch(now=at(date(2026, 8, 7), 17))

    notice, message = DelayNotice.objects.get(), Message.objects.get(kind="delay_notice")
    assert (notice.revised_on, notice.silence, notice.silence_until) == (None, "cancel", date(2026, 10, 4))
    assert message.legal
    keys = [statement["key"] for statement in message.context["statements"]]
    assert keys == ["no_date", "reason", "cancel_right", "free_answer", "auto_cancel", "cancel_any_time"]
    assert "October 2026" in message.context["statements"][4]["text"]


def test_without_an_answer_to_a_notice_without_date_the_order_is_cancelled_and_refunded(saw):
    """R > T + 30 or none: silence is no consent. The right vests on 5 October, the refund is due on the 15th."""
    line = protected(saw)
    watch(now=at(date(2026, 8, 28)))
    assert DelayNotice.objects.get().sent_on == date(2026, 8, 28)

    watch(now=at(date(2026, 10, 4)))
    line.refresh_from_db()
    assert line.open == 2
    watch(now=at(date(2026, 10, 5), 5))

    line.refresh_from_db()
    refund = RefundTask.objects.get()
    assert (line.cancelled, refund.vested_on, refund.due_on) == (2, date(2026, 10, 5), date(2026, 10, 15))
    assert (refund.amount, refund.is_legal) == (Decimal("100.00"), True)
    assert Decision.objects.get().decided_by == DecidedBy.SILENCE
    assert case_of(line).state == "refund_due"


def test_without_a_notice_the_order_is_cancelled_the_day_after(saw):
    line = protected(saw, email="")
    watch(now=at(date(2026, 9, 4)))
    assert "no email address" in case_of(line).blocked

    watch(now=at(date(2026, 9, 5)))

    refund = RefundTask.objects.get()
    assert (refund.vested_on, refund.due_on) == (date(2026, 9, 5), date(2026, 9, 16))
    assert Decision.objects.get().decided_by == DecidedBy.LAW


def test_a_near_date_with_silence_is_consent_until_it(saw):
    """R = 30 September: silence consents. Not shipped, no renewed consent: refund due on 13 October."""
    line = protected(saw)
    expect_goods(saw, date(2026, 9, 30), at(date(2026, 8, 20)))
    watch(now=at(date(2026, 8, 28)))
    question = Question.objects.get()
    assert (question.default, question.deadline_at.isoformat()) == (Answer.KEEP_WAITING, "2026-09-05T04:00:00+00:00")

    decide_by_silence(now=question.deadline_at)
    watch(now=at(date(2026, 9, 5)))

    assert case_of(line).state == "consented_until"
    assert (Decision.objects.get().decided_by, Question.objects.get().state) == (
        DecidedBy.SILENCE,
        QuestionState.DEFAULTED,
    )


def test_a_renewed_notice_without_an_answer_cancels_after_the_revised_date(saw):
    line = protected(saw)
    expect_goods(saw, date(2026, 9, 30), at(date(2026, 8, 20)))
    watch(now=at(date(2026, 8, 28)))
    expect_goods(saw, date(2026, 10, 20), at(date(2026, 9, 20)))
    watch(now=at(date(2026, 9, 20)))
    watch(now=at(date(2026, 9, 22)))

    first, renewed = DelayNotice.objects.order_by("number")
    assert (first.renewed, renewed.renewed, renewed.revised_on) == (False, True, date(2026, 10, 20))
    assert renewed.silence_until == date(2026, 9, 30)
    watch(now=at(date(2026, 9, 30)))
    line.refresh_from_db()
    assert line.open == 2

    watch(now=at(date(2026, 10, 1)))

    refund = RefundTask.objects.get()
    assert (refund.vested_on, refund.due_on) == (date(2026, 10, 1), date(2026, 10, 13))


def test_agreeing_to_a_renewed_notice_keeps_the_order_until_the_new_date(saw):
    line = protected(saw)
    expect_goods(saw, date(2026, 9, 30), at(date(2026, 8, 20)))
    watch(now=at(date(2026, 8, 28)))
    expect_goods(saw, date(2026, 10, 20), at(date(2026, 9, 20)))
    watch(now=at(date(2026, 9, 22)))
    agree(line, at(date(2026, 9, 29)))

    watch(now=at(date(2026, 10, 5)))

    line.refresh_from_db()
    assert (line.open, case_of(line).state, case_of(line).deadline_on) == (2, "consented_until", date(2026, 10, 20))


def test_a_notice_whose_email_was_given_up_counts_as_none(saw):
    line = protected(saw)
    watch_delays(now=at(date(2026, 8, 28)))
    message = Message.objects.filter(kind="delay_notice")
    message.update(stage="sorted", status="sending", attempts=1, lease_by="a sender", lease_until=F("available_at"))
    gone = {"status": "dead", "last_error": "No such mailbox"}
    message.update(**gone, available_at=None, lease_by="", lease_until=None)

    watch(now=at(date(2026, 9, 5)))

    line.refresh_from_db()
    assert line.cancelled == 2


def test_a_notice_that_leaves_after_its_deadline_does_not_count_and_does_not_leave(saw):
    line = protected(saw)
    watch_delays(now=at(T))
    deliver_due_messages(now=at(T + timedelta(days=1)))

    assert Message.objects.get(kind="delay_notice").status == "dead"
    watch(now=at(T + timedelta(days=1)))

    line.refresh_from_db()
    assert (line.cancelled, RefundTask.objects.get().vested_on) == (2, T + timedelta(days=1))


def test_a_lost_notice_is_not_written_again_at_each_look_but_when_the_address_is_mended(saw):
    line = protected(saw)
    Suppression.objects.create(address="anna@example.com", reason="No such mailbox")
    for hour in (8, 9, 10):
        watch(now=at(date(2026, 8, 28), hour))
    assert (DelayNotice.objects.count(), "did not leave" in case_of(line).blocked) == (1, True)

    Customer.objects.update(email="anna@new.example.com")
    watch(now=at(date(2026, 8, 29)))

    assert (DelayNotice.objects.count(), case_of(line).blocked) == (2, "")
    assert case_of(line).state == "noticed_long_or_indefinite"


# Each zone has its own R: the day of the revised date is over in Auckland when it begins in Honolulu.
@pytest.mark.parametrize("learned_on", [date(2026, 9, 20), date(2026, 9, 29), date(2026, 9, 30)])
def test_a_night_of_sweeps_gives_each_step_its_notice_once(saw, learned_on):
    """Consent until 30 September; on `learned_on` it turns out that the goods come three weeks later."""
    zones = ("Pacific/Auckland", "Europe/Berlin", "Pacific/Honolulu")
    lines = [protected(saw, email=f"{n}@example.com", time_zone=zone) for n, zone in enumerate(zones)]
    for line in lines:
        promised(line, date(2026, 9, 30), at(date(2026, 8, 20)))
    watch(now=at(date(2026, 8, 28)))
    for line in lines:
        promised(line, date(2026, 10, 20), at(learned_on, 0))

    start = datetime(2026, 9, 28, 12, tzinfo=UTC)
    for minutes in range(0, 3 * 24 * 60, 30):
        watch(now=max(start + timedelta(minutes=minutes), at(learned_on, 0)))

    notices = Counter(DelayNotice.objects.values_list("case", flat=True))
    letters = Counter(message.recipient for message in Message.objects.filter(kind="delay_notice", status="sent"))
    assert letters == Counter({line.order.customer.email: notices[line.pk] for line in lines})
    for line in lines:
        _, *renewed = DelayNotice.objects.filter(case_id=line.pk).order_by("number")
        learned_there = at(learned_on, 0).astimezone(ZoneInfo(line.order.customer.time_zone)).date()
        in_time = learned_there < date(2026, 9, 30)
        assert [notice.renewed for notice in renewed] == [True] * in_time
        assert (
            in_time
            or "The last day for this notice was 29 Sep 2026" in case_of(line).blocked
            or (case_of(line).state == "refund_due")
        )


def test_goods_that_ship_in_time_settle_the_case(saw):
    line = protected(saw)
    adjust_stock(
        product_id=saw.pk, warehouse_id=line.warehouse_id, delta=5, reason="Found", key="x", by=None, now=ORDERED
    )
    line.order.refresh_from_db()
    serve_free_stock(now=ORDERED)
    [shipment] = pick_order(order_id=line.order_id, by=None, now=at(date(2026, 8, 6)))
    ship(shipment_id=shipment.pk, by=None, now=at(date(2026, 8, 6)))

    watch(now=at(date(2026, 8, 7)))

    assert case_of(line).state == "shipped"
    assert DelayNotice.objects.count() == 0


def test_what_the_desk_cancels_is_refunded_unasked(saw):
    line = protected(saw)
    cancel_order(order_id=line.order_id, by=None, now=at(date(2026, 8, 10)))

    watch(now=at(date(2026, 8, 10)))
    watch(now=at(date(2026, 8, 11)))

    refund = RefundTask.objects.get()
    assert (refund.vested_on, refund.due_on, refund.units) == (date(2026, 8, 10), date(2026, 8, 19), 2)


def test_the_case_ends_when_the_refund_is_sent(saw):
    line = protected(saw)
    cancel_order(order_id=line.order_id, by=None, now=at(date(2026, 8, 10)))
    watch(now=at(date(2026, 8, 10)))
    record_refund(
        refund_id=RefundTask.objects.get().pk,
        method="as_paid",
        amount=Decimal(100),
        sent_on=date(2026, 8, 14),
        by=StaffFactory(),
        now=at(date(2026, 8, 14)),
    )

    watch(now=at(date(2026, 8, 14)))

    assert case_of(line).state == "refund_sent"
    assert watch(now=at(date(2026, 8, 15))) == 0
    assert Message.objects.filter(kind="refunded").count() == 1


def test_a_bounced_payment_restarts_the_clock_and_says_why(saw):
    line, person = protected(saw), StaffFactory()

    case = correct_case(
        line_id=line.pk,
        completed_on=date(2026, 8, 12),
        stated_on=None,
        credit_application=True,
        reason="Card was declined, paid on the 12th; applied for credit",
        by=person,
        now=at(date(2026, 8, 12)),
    )

    assert case.applicable_on == date(2026, 10, 1)
    assert DelayStep.objects.get(kind=DelayStepKind.CORRECTED).detail["before"]["completed"] == "2026-08-05"


def test_a_notice_by_letter_counts_from_its_day(saw):
    line = protected(saw, email="")
    watch(now=at(date(2026, 8, 7)))

    record_notice(
        line_id=line.pk,
        sent_on=date(2026, 8, 8),
        revised_on=None,
        how="Letter, registered",
        by=StaffFactory(),
        now=at(date(2026, 8, 9)),
    )

    notice = DelayNotice.objects.get()
    assert (notice.sent_on, notice.by_other_means, case_of(line).state) == (
        date(2026, 8, 8),
        "Letter, registered",
        "noticed_long_or_indefinite",
    )


def test_an_order_that_comes_in_too_late_is_shown_to_a_person_and_not_cancelled_by_itself(saw):
    """Imported orders, or a profile that is switched on later: what was told before is not in our records."""
    customer = CustomerFactory(jurisdiction="us-mail-order")
    line = order_for({saw: 2}, customer=customer, now=ORDERED).lines.get()

    watch(now=at(date(2026, 9, 20)))
    watch(now=at(date(2026, 9, 21)))

    line.refresh_from_db()
    assert (line.open, case_of(line).state) == (2, "auto_cancel_due")
    assert "before this desk watched the line" in case_of(line).blocked


def test_a_line_whose_date_holds_is_not_looked_at_again_until_its_deadline_is_near(saw):
    protected(saw)
    expect_goods(saw, date(2026, 8, 30), ORDERED)
    watch(now=at(date(2026, 8, 6)))

    assert watch(now=at(date(2026, 8, 7))) == 0
    expect_goods(saw, date(2026, 9, 30), at(date(2026, 8, 8)))
    assert watch(now=at(date(2026, 8, 8))) == 1


def test_watching_twice_changes_nothing(saw):
    protected(saw)
    watch(now=at(date(2026, 8, 28)))
    before = (Message.objects.count(), DelayStep.objects.count(), LineEvent.objects.count())

    watch(now=at(date(2026, 8, 28)))

    assert (Message.objects.count(), DelayStep.objects.count(), LineEvent.objects.count()) == before


def test_a_sweep_asks_as_many_questions_for_five_lines_as_for_two(saw):
    """A case is opened, its delay learned of, the notice given, and looked at again."""
    moments = [ORDERED, at(date(2026, 8, 6)), at(date(2026, 8, 28)), at(date(2026, 8, 29))]

    def statements(lines: int) -> list[int]:
        counts = []
        with transaction.atomic():
            for _ in range(lines):
                order_for({saw: 2}, customer=CustomerFactory(jurisdiction="us-mail-order"), now=ORDERED)
            for moment in moments:
                with CaptureQueriesContext(connection) as queries:
                    watch_delays(now=moment)
                counts.append(len(queries))
            assert DelayNotice.objects.count() == lines
            transaction.set_rollback(True)
        return counts

    assert statements(2) == statements(5)


# --- What a notice has to say -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("form", NoticeForm.values)
def test_the_shipped_text_says_every_statement_in_every_language(form, language):
    profile = JurisdictionProfile.objects.get()
    plan = _plan(form)

    statements = statements_of(profile, plan, language=language, reason="supplier_delay")

    check_wording_in_force(statements, language=language, renewed=plan.is_renewed, wordings=Wordings())
    assert len(statements) == len(profile.required[form])


def _plan(form):
    dated = form not in (NoticeForm.INDEFINITE, NoticeForm.RENEWED_INDEFINITE)
    return NoticePlan(NoticeForm(form), T + timedelta(days=9) if dated else None, Silence.CANCEL, T)


def test_a_statement_or_the_link_missing_in_one_part_of_the_email_is_found():
    link = "https://desk.example/t/example/"
    notice = DelayNoticeGiven(
        customer_name="Anna",
        order_number="SO-1",
        tracking_url=link,
        lines=(MailLine(sku="LAMP", name="Lamp"),),
        statements=(Statement(key="cancel_right", text="You may cancel & be refunded."),),
    )
    html = f'<p>You may cancel &amp; be refunded.</p><a href="{link}">Follow</a>'

    assert left_out(notice, Rendered("s", f"You may cancel & be refunded. {link}", html)) == []
    assert left_out(notice, Rendered("s", f"Sorry. {link}", html)) == ["cancel_right"]
    assert left_out(notice, Rendered("s", f"You may cancel & be refunded. {link}", html.partition("<a")[0])) == ["link"]


def custom_text(body: str) -> TemplateVersion:
    """A text that stands in the database whatever is refused today."""
    return TemplateVersion.objects.create(
        kind="delay_notice", language="en", number=1, subject="Late", body=body, made_at=ORDERED
    )


def test_a_text_without_the_statements_is_refused_when_it_is_saved(saw):
    draft = WordingDraft("delay_notice", "en", "Late", "Hello {{ mail.customer_name }}, late.")

    with pytest.raises(TemplateRefused, match="required statement, link"):
        add_version(draft=draft, note="Shorter", by=None, now=ORDERED)

    assert TemplateVersion.objects.count() == 0


def test_a_text_in_force_without_the_statements_sends_nothing_and_the_staff_hear_of_it(saw):
    MailRules.objects.update_or_create(pk=1, defaults={"staff_addresses": ["desk@example.com"]})
    line = protected(saw)
    custom_text("Hello {{ mail.customer_name }}, late.")

    for hour in (8, 9, 10):
        watch(now=at(date(2026, 8, 28), hour))
        tell_of_trouble(now=at(date(2026, 8, 28), hour))

    assert DelayNotice.objects.count() == 0
    assert "leaves out" in case_of(line).blocked
    assert Message.objects.filter(kind="staff_alert").count() == 1


def test_a_text_that_loses_the_statements_before_the_email_leaves_does_not_count(saw):
    line = protected(saw)
    watch_delays(now=at(date(2026, 8, 28)))
    custom_text("Hello {{ mail.customer_name }}, late.")
    deliver_due_messages(now=at(date(2026, 8, 28)))

    message = Message.objects.get(kind="delay_notice")
    assert (message.status, "leaves out" in message.last_error) == ("dead", True)
    watch(now=at(date(2026, 8, 29)))
    assert (case_of(line).state, DelayNotice.objects.count()) == ("notice_due", 1)
    assert "did not leave" in case_of(line).blocked


def test_a_profile_that_lacks_a_statement_sends_nothing_and_says_so(saw):
    profile = JurisdictionProfile.objects.get()
    del profile.statements["cancel_right"]
    profile.save(update_fields=["statements"])
    line = protected(saw)

    watch(now=at(date(2026, 8, 28)))

    assert Message.objects.filter(kind="delay_notice").count() == 0
    assert "cancel_right" in case_of(line).blocked
    assert DelayStep.objects.filter(kind=DelayStepKind.BLOCKED).count() == 1
    with pytest.raises(NoticeIncomplete):
        statements_of(profile, _plan("short"), language="en", reason="")


def test_the_plan_knows_the_near_from_the_far(saw):
    case = case_of(protected(saw))
    found = DelayStanding("notice_due", T, deadline_on=T)

    assert plan_notice(case, found, date(2026, 10, 4)).form == NoticeForm.SHORT
    assert plan_notice(case, found, date(2026, 10, 5)).form == NoticeForm.LONG
    assert plan_notice(case, found, None).form == NoticeForm.INDEFINITE


def test_a_line_that_cannot_be_watched_keeps_no_other_from_its_notice(saw, caplog):
    broken, sound = protected(saw, email="berta@example.com"), protected(saw)
    Customer.objects.filter(pk=broken.order.customer_id).update(time_zone="Mars/Olympus")

    watch(now=at(T))

    assert case_of(sound).notices.count() == 1
    assert f"row {broken.pk} cannot be done" in caplog.text
