"""The compliance page and the evidence document."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from backorders.decisions.queries.questions import save_rate
from backorders.decisions.refunds import record_refund
from backorders.delays.cases import watch_delays
from backorders.delays.queries.compliance import notice_compliance, refund_compliance
from backorders.models import DelayCase, DelayStep, RefundTask
from config.lib.periods import Period
from notifications.services.delivery import deliver_due_messages
from tests.backorders.desk.desk import signed_in, told
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory
from tests.factories.staff import StaffFactory

pytestmark = pytest.mark.django_db
LOOK = ("backorders.view_delaycase", "backorders.view_salesorder")


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 16, tzinfo=UTC)


def ordered(**customer):
    values = {"jurisdiction": "us-mail-order", "time_zone": "America/New_York"} | customer
    order = order_for({ProductFactory(price="50"): 2}, customer=CustomerFactory(**values), now=at(8, 5))
    watch_delays(now=at(8, 5))
    return order


def told_in_time_then_silent():
    """Noticed on 28 August, silent, cancelled on 5 October, refunded on the 9th."""
    order = ordered()
    for day in (at(8, 28), at(10, 5)):
        watch_delays(now=day)
        deliver_due_messages(now=day)
    record_refund(
        refund_id=RefundTask.objects.get(order=order).pk,
        method="as_paid",
        amount=Decimal(100),
        sent_on=date(2026, 10, 9),
        by=StaffFactory(),
        now=at(10, 9),
    )
    watch_delays(now=at(10, 9))
    return order


def test_what_is_due_within_seven_days_and_what_is_held_back(client):
    order = ordered()
    held_back = ordered(email="")
    signed_in(client, *LOOK)

    with time_machine.travel(at(8, 7), tick=False):
        watch_delays(now=at(8, 7))
        soon, late = client.get("/reports/compliance/"), client.get("/reports/compliance/?show=late")
    with time_machine.travel(at(9, 29), tick=False):
        later = client.get("/reports/compliance/")

    assert soon.context["page"].rows == []
    assert [case.line.order for case in late.context["page"].rows] == [held_back]
    assert {case.line.order for case in later.context["page"].rows} == {order, held_back}
    assert "not legal advice" in soon.content.decode()


def test_the_figures_count_notices_and_refunds_in_time():
    told_in_time_then_silent()
    ordered(email="")
    watch_delays(now=at(9, 5))

    period = Period(date(2026, 8, 1), date(2026, 10, 31))

    notices, refunds = notice_compliance(period), refund_compliance(period, today=date(2026, 10, 31))
    assert (notices.hits, notices.n) == (1, 2)
    assert (refunds.hits, refunds.n) == (1, 2)
    assert refund_compliance(period, today=date(2026, 9, 10)).n == 1
    assert (save_rate(period).hits, save_rate(period).n) == (0, 1)
    assert notice_compliance(Period(date(2025, 1, 1), date(2025, 2, 1))).rate is None


def test_the_evidence_tells_everything_in_the_order_of_the_clock(client):
    order = told_in_time_then_silent()
    signed_in(client, *LOOK)

    page = client.get(f"/orders/{order.pk}/evidence/")

    entries = page.context["document"].entries
    kinds = list(dict.fromkeys(entry.kind for entry in entries))
    for kind in (
        "Under the rule",
        "Delay became known",
        "Notice",
        "Decision",
        "Cancelled",
        "Refund due",
        "Refund sent",
    ):
        assert kind in kinds
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    words = page.content.decode()
    for fact in (
        "4 Sep 2026",
        "15 Oct 2026",
        "no new date can be given",
        "by silence",
        "receive a full and prompt refund",
    ):
        assert fact in words
    assert DelayCase.objects.get().state == "refund_sent"


def test_an_order_without_a_rule_has_its_timeline_all_the_same(client):
    order = ordered(jurisdiction="")
    signed_in(client, *LOOK)

    assert "No line of this order has a legal deadline" in client.get(f"/orders/{order.pk}/evidence/").content.decode()


def test_facts_are_corrected_with_a_reason(client):
    line = ordered().lines.get()
    signed_in(client, "backorders.correct_delaycase", *LOOK)
    form = {"completed_on": "2026-08-12", "stated_on": "", "reason": "Card declined"}

    page = client.post(f"/orders/lines/{line.pk}/delay/", form, follow=True)
    without = client.post(f"/orders/lines/{line.pk}/delay/", form | {"reason": ""}, follow=True)

    assert told(page) == ["The facts were corrected and the deadlines updated."]
    assert told(without) == ["Reason for the correction: This field is required."]
    assert (DelayCase.objects.get().applicable_on, DelayStep.objects.filter(kind="corrected").count()) == (
        date(2026, 9, 11),
        1,
    )


def test_a_notice_by_letter_is_recorded(client):
    line = ordered(email="").lines.get()
    signed_in(client, "backorders.correct_delaycase", *LOOK)

    with time_machine.travel(at(8, 20), tick=False):
        form = {"sent_on": "2026-08-19", "revised_on": "", "how": "Letter"}
        page = client.post(f"/orders/lines/{line.pk}/delay/notice/", form, follow=True)
        again = client.post(f"/orders/lines/{line.pk}/delay/notice/", form, follow=True)

    assert told(page) == ["The notice is recorded."]
    assert "no notice is due now" in told(again)[0]


def test_the_export_lists_what_is_watched(client):
    order = ordered()
    signed_in(client, *LOOK)

    assert order.number in b"".join(client.get("/reports/compliance/export.csv")).decode()


@pytest.mark.parametrize("address", ["delay/", "delay/notice/"])
def test_others_may_not_correct(client, address):
    line = ordered().lines.get()
    signed_in(client, *LOOK)

    assert client.post(f"/orders/lines/{line.pk}/{address}").status_code == 403
