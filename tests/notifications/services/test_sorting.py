"""What the sorting office decides before a message leaves."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from notifications.enums import Frequency
from notifications.models import Batch, MailRules, Message, Preference
from notifications.payloads import BackorderOpened, DateChanged, GoodsAllocated, MailLine, OrderMail
from notifications.payloads.netting import net_news
from notifications.services.batches import approve_batch, close_batch, reject_batch
from notifications.services.delivery import deliver_due_messages
from notifications.services.outbox import Draft, queue_messages
from notifications.services.preferences import optional_kinds
from notifications.services.sorting import sort_messages
from tests.factories.notifications import NOON, order_mail
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = datetime(2026, 9, 1, 22, tzinfo=UTC)


@pytest.fixture
def write():
    """Queue a mail for the customer of that number."""

    def put(kind: str = "goods_allocated", *, customer: int = 1, order: int = 1, **values) -> Message:
        number = Message.objects.count() + 1
        now = values.pop("now", NOON)
        mail = values.pop("mail", None) or order_mail(kind, order_number=f"SO-{order}")
        arguments = {
            "payload": mail,
            "recipient": f"buyer{customer}@customer.example",
            "recipient_name": f"Buyer {customer}",
            "language": "en",
            "dedupe_key": f"fact:{number}",
            "aggregate": f"order:{order}",
            "cause": "a test",
            "addressee": f"customer:{customer}",
            "time_zone": "UTC",
        } | values
        with transaction.atomic():
            queue_messages([Draft(**arguments)], now=now)
        return Message.objects.get(dedupe_key=arguments["dedupe_key"])

    return put


def rules(**values) -> None:
    MailRules.objects.filter(pk=1).update(**values)


def prefers(customer: int = 1, **values) -> None:
    Preference.objects.create(addressee=f"customer:{customer}", changed_at=NOON, **values)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_what_is_due_for_one_customer_leaves_as_one_email(mail_server, write):
    parts = [write("goods_allocated", order=1), write("date_changed", order=2)]
    write("goods_allocated", customer=2, order=3)

    report = deliver_due_messages(now=NOON)

    received = {mail.recipients[0]: mail for mail in mail_server.wait_for(2)}
    digest = received["buyer1@customer.example"]
    assert report.sent == 2
    assert digest.subject == "Updates on your 2 orders"
    assert "Order SO-1" in digest.text
    assert "Order SO-2" in digest.text
    assert received["buyer2@customer.example"].subject == "Order SO-3: items reserved for you"
    assert {fresh(part).status for part in parts} == {"bundled"}
    assert {fresh(part).digest.status for part in parts} == {"sent"}


def test_a_run_is_one_email_however_many_shards_it_takes(mail_server, write):
    first = write(order=1, batch="run:7")
    nothing_yet = deliver_due_messages(now=NOON)
    second = write(order=2, batch="run:7")
    with transaction.atomic():
        close_batch("run:7", now=NOON)

    deliver_due_messages(now=NOON)

    assert nothing_yet.sent == 0
    assert fresh(first).digest == fresh(second).digest
    assert len(mail_server.wait_for(1)) == 1


def test_a_run_that_nobody_closes_is_told_after_a_quarter_of_an_hour(mail_server, write):
    message = write(batch="run:7")
    waits = message.available_at - Message.objects.values_list(Now(), flat=True).get()
    Message.objects.update(available_at=Now())

    report = deliver_due_messages(now=NOON)

    assert timedelta(minutes=14) < waits <= timedelta(minutes=15)
    assert report.sent == 1


def test_the_acknowledgement_comes_first_and_by_itself(mail_server, write):
    write("order_received", order=1)
    write("goods_allocated", order=1)
    write("date_changed", order=1)

    deliver_due_messages(now=NOON)

    kinds = [mail.subject.partition(": ")[2] or mail.subject for mail in mail_server.wait_for(3)]
    assert kinds[0].startswith("part is in stock")
    assert len(kinds) == 3


def test_quiet_hours_put_a_mail_off_until_the_morning_of_the_reader(write):
    rules(quiet_from=time(21), quiet_until=time(7))
    at_home, away = write(), write(customer=2, time_zone="America/New_York")

    sort_messages(now=NIGHT)

    assert (fresh(at_home).stage, fresh(at_home).available_at) == ("deferred", datetime(2026, 9, 2, 7, tzinfo=UTC))
    assert fresh(away).stage == "sorted"


def test_the_reader_s_own_quiet_hours_go_before_those_of_the_house(write):
    rules(quiet_from=time(21), quiet_until=time(7))
    prefers(quiet_from=time(2), quiet_until=time(3))
    message = write()

    sort_messages(now=NIGHT)

    assert fresh(message).stage == "sorted"


@pytest.mark.parametrize(
    ("frequency", "leaves"),
    [
        (Frequency.AT_ONCE, None),
        (Frequency.DAILY, datetime(2026, 9, 2, 8, tzinfo=UTC)),
        (Frequency.WEEKLY, datetime(2026, 9, 7, 8, tzinfo=UTC)),
    ],
)
def test_a_reader_chooses_how_often(write, frequency, leaves):
    prefers(frequency=frequency)
    message, acknowledgement = write(order=1), write("order_received", order=2)

    sort_messages(now=NOON)

    assert fresh(acknowledgement).stage == "sorted"
    assert fresh(message).stage == ("deferred" if leaves else "sorted")
    assert not leaves or fresh(message).available_at == leaves


def test_the_daily_digest_joins_what_was_written_since(mail_server, write):
    prefers(frequency=Frequency.DAILY)
    morning, evening = write(order=1), write(order=2, now=NOON + timedelta(hours=8))
    sort_messages(now=NOON + timedelta(hours=9))
    Message.objects.update(available_at=Now())

    deliver_due_messages(now=NOON + timedelta(hours=20))

    assert fresh(morning).digest == fresh(evening).digest
    assert len(mail_server.wait_for(1)) == 1


def test_the_cap_puts_the_rest_off_until_tomorrow(write):
    rules(daily_cap=1)
    first = write(order=1)
    sort_messages(now=NOON)

    second = write(order=2)
    sort_messages(now=NOON + timedelta(minutes=1))

    assert fresh(first).stage == "sorted"
    assert (fresh(second).stage, fresh(second).available_at) == ("deferred", datetime(2026, 9, 2, 8, tzinfo=UTC))


def test_what_a_reader_does_not_want_stays_on_record_and_unsent(mail_server, write):
    prefers(unwanted=["goods_allocated"])
    prefers(customer=2, opted_out=True)
    unwanted, wanted, opted_out = write("goods_allocated"), write("shipped", order=2), write("shipped", customer=2)

    report = deliver_due_messages(now=NOON)

    assert [fresh(message).status for message in (unwanted, wanted, opted_out)] == ["unwanted", "sent", "sent"]
    assert report.sent == 2


@pytest.mark.parametrize("kind", ["order_received", "partly_shipped", "shipped", "cancelled", "refunded"])
def test_what_confirms_an_act_or_a_parcel_leaves_at_once_whatever_was_chosen(mail_server, write, kind):
    """Quiet hours, the daily cap, a weekly digest and "no more emails" hold back news of dates, and nothing else."""
    rules(quiet_from=time(21), quiet_until=time(7), daily_cap=1)
    prefers(opted_out=True, frequency=Frequency.WEEKLY)
    news = write("date_changed", order=1)
    messages = [write(kind, order=1), write(kind, order=2)]

    deliver_due_messages(now=NIGHT)

    assert [fresh(message).status for message in (news, *messages)] == ["unwanted", "sent", "sent"]
    assert kind not in optional_kinds()


def test_a_parcel_does_not_wait_behind_news_that_waits_for_the_morning(mail_server, write):
    rules(quiet_from=time(21), quiet_until=time(7))
    news, parcel = write("goods_allocated", order=1), write("shipped", order=1)

    deliver_due_messages(now=NIGHT)

    assert (fresh(news).stage, fresh(parcel).status) == ("deferred", "sent")


# --- News that evens out --------------------------------------------------------------------------------------------

FIRST, LATER = date(2026, 12, 1), date(2026, 12, 28)


def news(kind: type[OrderMail], *, before: date | None = None, now: date | None = None, units: int = 2) -> OrderMail:
    line = MailLine(
        number=1,
        sku="LAMP",
        name="Lamp",
        quantity=units,
        ordered=2,
        open=2,
        allocated=2 if kind is GoodsAllocated else 0,
        promised_on=now,
        previous_promised_on=before,
    )
    return kind(customer_name="Anna", order_number="SO-1", lines=(line,))


def test_a_date_that_moved_to_and_fro_is_not_mentioned(mail_server, write):
    rules(quiet_from=time(21), quiet_until=time(7))
    there = write(mail=news(DateChanged, before=FIRST, now=LATER), now=NIGHT)
    back = write(mail=news(DateChanged, before=LATER, now=FIRST), now=NIGHT)
    sort_messages(now=NIGHT)
    Message.objects.update(available_at=Now())

    report = deliver_due_messages(now=NOON + timedelta(days=1))

    assert report.sent == 0
    assert [fresh(message).status for message in (there, back)] == ["superseded", "superseded"]


def test_a_date_that_moved_twice_is_held_against_the_one_that_was_heard(mail_server, write):
    write(mail=news(DateChanged, before=FIRST, now=date(2026, 12, 14)))
    write(mail=news(DateChanged, before=date(2026, 12, 14), now=LATER))

    deliver_due_messages(now=NOON)

    [mail] = mail_server.wait_for(1)
    assert "previously: 1 December 2026" in mail.text
    assert "now: expected by 28 December 2026" in mail.text
    assert "14 December" not in mail.text


@pytest.mark.parametrize(
    ("mails", "left"),
    [
        ([news(GoodsAllocated), news(BackorderOpened, now=LATER)], []),
        ([news(BackorderOpened, now=LATER), news(GoodsAllocated)], []),
        ([news(GoodsAllocated), news(BackorderOpened, now=LATER, units=1)], [(GoodsAllocated, 1)]),
        (
            [news(BackorderOpened, now=LATER), news(DateChanged, before=FIRST, now=LATER)],
            [(BackorderOpened, 2)],
        ),
        ([news(DateChanged, before=FIRST, now=LATER), news(GoodsAllocated)], [(GoodsAllocated, 2)]),
        (
            [news(DateChanged, before=FIRST, now=LATER), news(BackorderOpened, now=LATER), news(GoodsAllocated)],
            [],
        ),
    ],
)
def test_a_line_is_told_in_one_statement_or_not_at_all(mails, left):
    told = net_news(mails)

    assert [(type(mail), mail.reported_lines[0].quantity) for mail in told] == left


@pytest.fixture
def notice(monkeypatch) -> OrderMail:
    """An order mail that the law asks for."""
    mail = order_mail("date_changed")
    monkeypatch.setattr(type(mail), "legal", True)
    return mail


def test_a_legal_notice_cannot_be_switched_off_or_capped_or_joined(mail_server, write, notice):
    rules(daily_cap=1)
    prefers(opted_out=True, frequency=Frequency.WEEKLY)
    notices = [write(mail=notice, order=order) for order in (1, 2, 3)]

    deliver_due_messages(now=NOON)

    assert {fresh(message).status for message in notices} == {"sent"}
    assert len(mail_server.wait_for(3)) == 3


@pytest.mark.parametrize(("hours", "stage"), [(2, "sorted"), (12, "deferred"), (None, "sorted")])
def test_a_legal_notice_waits_for_the_morning_only_if_that_is_in_time(write, notice, hours, stage):
    rules(quiet_from=time(21), quiet_until=time(7))
    message = write(mail=notice, deadline_at=NIGHT + timedelta(hours=hours) if hours else None)

    sort_messages(now=NIGHT)

    assert fresh(message).stage == stage


def test_a_legal_notice_does_not_wait_behind_other_mails_of_its_order(mail_server, write, notice):
    prefers(frequency=Frequency.WEEKLY)
    waiting, message = write("goods_allocated", order=1), write(mail=notice, order=1)

    deliver_due_messages(now=NOON)

    assert (fresh(waiting).status, fresh(message).status) == ("pending", "sent")


def test_mails_of_an_order_stay_in_order_around_a_digest(write):
    write("goods_allocated", order=1)
    write("goods_allocated", order=2)
    sort_messages(now=NOON)
    later = write("shipped", order=1)
    sort_messages(now=NOON)
    Message.objects.filter(kind="digest").update(available_at=Now() + timedelta(hours=1))

    report = deliver_due_messages(now=NOON)

    assert report.sent == 0
    assert fresh(later).status == "pending"


def big_run(write) -> Batch:
    rules(approval_above=2)
    for customer in (1, 2, 3):
        write(customer=customer, order=customer, batch="run:7")
    with transaction.atomic():
        close_batch("run:7", now=NOON)
    sort_messages(now=NOON)
    return Batch.objects.get()


def test_more_mails_than_allowed_wait_for_an_approval(mail_server, write):
    batch = big_run(write)

    report = deliver_due_messages(now=NOON)

    assert report.sent == 0
    assert (batch.state, batch.held) == ("waiting", 3)
    assert set(Message.objects.values_list("status", flat=True)) == {"held"}


def test_whoever_may_approve_a_bulk_send_is_asked_once(mail_server, write):
    approver = staff_with("notifications.approve_batch")
    type(approver).objects.filter(pk=approver.pk).update(email="approver@desk.example")

    big_run(write)
    write(customer=4, order=4, batch="run:7")
    sort_messages(now=NOON)

    asked = Message.objects.get(kind="staff_alert")
    assert (asked.recipient, asked.context["details"]) == (
        "approver@desk.example",
        ["3 emails from run 7."],
    )


def test_an_approved_bulk_send_leaves(mail_server, write):
    approve_batch(batch_id=big_run(write).pk, by=staff_with(), now=NOON)

    report = deliver_due_messages(now=NOON)

    assert report.sent == 3


def test_a_rejected_bulk_send_stays_on_record_with_the_reason(mail_server, write):
    reject_batch(batch_id=big_run(write).pk, by=staff_with(), now=NOON, note="wrong policy")

    report = deliver_due_messages(now=NOON)

    assert report.sent == 0
    assert set(Message.objects.values_list("status", "last_error")) == {("rejected", "Rejected: wrong policy")}


def test_just_as_many_as_allowed_need_no_approval(mail_server, write):
    rules(approval_above=3)
    for customer in (1, 2, 3):
        write(customer=customer, order=customer, batch="run:7")
    with transaction.atomic():
        close_batch("run:7", now=NOON)

    assert deliver_due_messages(now=NOON).sent == 3


def test_sorting_twice_changes_nothing(write):
    messages = [write(order=1), write(order=2)]
    sort_messages(now=NOON)
    once = [(fresh(message).status, fresh(message).digest_id) for message in messages]

    sort_messages(now=NOON)

    assert [(fresh(message).status, fresh(message).digest_id) for message in messages] == once
    assert Message.objects.filter(kind="digest").count() == 1
