"""The dated examples of the rule, and its laws."""

from dataclasses import replace
from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.delays import (
    Facts,
    Notice,
    NoticeState,
    Rule,
    Silence,
    applicable_date,
    refund_due,
    standing,
)

RULE = Rule()
FEDERAL = frozenset(holidays.country_holidays("US", years=[2026, 2027]))
COMPLETE = date(2026, 8, 5)
T = date(2026, 9, 4)
FIRST = date(2026, 8, 28)
LATE = date(2026, 12, 24)
FACTS = Facts(completed_on=COMPLETE, expected_on=LATE)


def on(facts: Facts, today: date):
    return standing(facts, RULE, today=today, holidays=FEDERAL)


def noticed(revised_on: date | None, *, sent_on: date = FIRST, **values) -> Facts:
    return replace(FACTS, notices=(Notice(sent_on, revised_on),), **values)


def test_the_applicable_time_is_thirty_days_fifty_with_a_credit_application_or_what_was_stated():
    assert applicable_date(FACTS, RULE) == date(2026, 9, 4)
    assert applicable_date(replace(FACTS, credit_application=True), RULE) == date(2026, 9, 24)
    assert applicable_date(replace(FACTS, stated_on=date(2026, 8, 20)), RULE) == date(2026, 8, 20)


def test_without_a_notice_the_right_vests_the_day_after_and_labor_day_is_no_working_day():
    assert on(FACTS, T).state == NoticeState.NOTICE_DUE
    assert on(FACTS, T).deadline_on == T

    lapsed = on(FACTS, date(2026, 9, 5))

    assert (lapsed.state, lapsed.vested_on, lapsed.refund_due_on) == (
        NoticeState.AUTO_CANCEL_DUE,
        date(2026, 9, 5),
        date(2026, 9, 16),
    )


def test_a_near_date_makes_silence_consent_until_it_and_columbus_day_is_no_working_day():
    facts = noticed(date(2026, 9, 30), expected_on=date(2026, 9, 30))

    before, after = on(facts, FIRST), on(facts, date(2026, 9, 5))

    assert (before.state, before.silence, before.silence_until) == (
        NoticeState.NOTICED_DEFINITE_SHORT,
        Silence.CONSENT,
        T,
    )
    assert (after.state, after.deadline_on) == (NoticeState.CONSENTED_UNTIL, date(2026, 9, 30))
    assert on(facts, date(2026, 9, 30)).vested_on is None
    lapsed = on(facts, date(2026, 10, 1))
    assert (lapsed.vested_on, lapsed.refund_due_on) == (date(2026, 10, 1), date(2026, 10, 13))


def test_a_far_date_makes_silence_cancel_after_thirty_more_days():
    facts = noticed(date(2026, 10, 20))

    waiting = on(facts, date(2026, 10, 4))

    assert (waiting.state, waiting.silence, waiting.silence_until) == (
        NoticeState.NOTICED_LONG_OR_INDEFINITE,
        Silence.CANCEL,
        date(2026, 10, 4),
    )
    lapsed = on(facts, date(2026, 10, 5))
    assert (lapsed.state, lapsed.vested_on, lapsed.refund_due_on) == (
        NoticeState.AUTO_CANCEL_DUE,
        date(2026, 10, 5),
        date(2026, 10, 15),
    )


def test_the_thirtieth_day_is_near_and_the_next_is_far():
    assert on(noticed(date(2026, 10, 4), expected_on=T), FIRST).state == NoticeState.NOTICED_DEFINITE_SHORT
    assert on(noticed(date(2026, 10, 5), expected_on=T), FIRST).state == NoticeState.NOTICED_LONG_OR_INDEFINITE


def test_a_notice_after_the_applicable_time_is_none():
    late = on(noticed(date(2026, 9, 30), sent_on=date(2026, 9, 6)), date(2026, 9, 6))

    assert (late.vested_on, late.refund_due_on) == (date(2026, 9, 5), date(2026, 9, 16))
    assert on(noticed(date(2026, 9, 30), sent_on=T, expected_on=T), T).state == NoticeState.NOTICED_DEFINITE_SHORT


def test_express_consent_to_a_far_date_carries_until_it():
    facts = noticed(date(2026, 10, 20), agreed_on=(date(2026, 10, 1),), expected_on=date(2026, 10, 20))

    assert on(facts, date(2026, 10, 6)).state == NoticeState.CONSENTED_UNTIL
    assert on(facts, date(2026, 10, 21)).vested_on == date(2026, 10, 21)


def test_consent_after_the_last_day_comes_too_late():
    facts = noticed(date(2026, 10, 20), agreed_on=(date(2026, 10, 5),))

    assert on(facts, date(2026, 10, 5)).vested_on == date(2026, 10, 5)


def test_consent_to_no_date_at_all_carries_until_shipment_or_cancellation():
    facts = noticed(None, agreed_on=(date(2026, 9, 1),))

    assert on(facts, date(2027, 3, 1)).state == NoticeState.CONSENTED_INDEFINITE
    cancelled = on(replace(facts, cancel_asked_on=date(2027, 3, 1)), date(2027, 3, 1))
    assert (cancelled.state, cancelled.refund_due_on) == (NoticeState.CANCEL_BY_CUSTOMER, date(2027, 3, 10))


def test_when_the_revised_date_cannot_be_met_a_renewed_notice_is_due_before_it():
    facts = noticed(date(2026, 9, 30), expected_on=date(2026, 10, 20))

    due = on(facts, date(2026, 9, 20))

    assert (due.state, due.deadline_on) == (NoticeState.RENEWED_NOTICE_DUE, date(2026, 9, 29))


def renewed(sent_on: date, revised_on: date | None, **values) -> Facts:
    notices = (Notice(FIRST, date(2026, 9, 30)), Notice(sent_on, revised_on))
    return replace(FACTS, notices=notices, **values)


def test_silence_on_a_renewed_notice_is_refusal():
    facts = renewed(date(2026, 9, 25), date(2026, 10, 20))

    waiting, lapsed = on(facts, date(2026, 9, 30)), on(facts, date(2026, 10, 1))

    assert (waiting.state, waiting.silence_until) == (NoticeState.RENEWED_NOTICED, date(2026, 9, 30))
    assert (lapsed.state, lapsed.refund_due_on) == (NoticeState.AUTO_CANCEL_DUE, date(2026, 10, 13))


def test_consent_to_a_renewed_notice_carries_until_the_new_date():
    facts = renewed(
        date(2026, 9, 25), date(2026, 10, 20), agreed_on=(date(2026, 9, 30),), expected_on=date(2026, 10, 20)
    )

    assert on(facts, date(2026, 10, 20)).state == NoticeState.CONSENTED_UNTIL
    assert on(facts, date(2026, 10, 21)).vested_on == date(2026, 10, 21)


def test_a_renewed_notice_on_the_revised_day_itself_comes_too_late():
    assert on(renewed(date(2026, 9, 30), date(2026, 10, 20)), date(2026, 10, 1)).why == (
        "The revised date passed without a renewed notice."
    )


def test_shipment_in_time_ends_it_and_shipment_too_late_does_not_take_the_right_away():
    assert on(replace(FACTS, shipped_on=T), date(2026, 9, 20)).state == NoticeState.SHIPPED
    assert on(replace(FACTS, shipped_on=date(2026, 9, 9)), date(2026, 9, 20)).vested_on == date(2026, 9, 5)


def test_a_cancelled_line_waits_for_its_refund_until_it_is_sent():
    cancelled = replace(FACTS, cancelled_on=date(2026, 9, 5))

    assert on(cancelled, date(2026, 9, 6)).state == NoticeState.REFUND_DUE
    assert on(cancelled, date(2026, 9, 6)).deadline_on == date(2026, 9, 16)
    assert on(replace(cancelled, refund_sent_on=date(2026, 9, 10)), date(2026, 9, 11)).state == NoticeState.REFUND_SENT
    assert on(replace(cancelled, nothing_to_refund=True), date(2026, 9, 6)).state == NoticeState.CANCELLED


def test_what_the_seller_cannot_ship_is_refunded_from_that_day():
    assert on(replace(FACTS, cannot_ship_on=date(2026, 8, 10)), date(2026, 8, 10)).refund_due_on == date(2026, 8, 19)


@pytest.mark.parametrize(
    ("vested_on", "due_on"),
    [
        (date(2026, 11, 20), date(2026, 12, 2)),  # Thanksgiving
        (date(2026, 12, 18), date(2026, 12, 30)),  # Christmas
        (date(2026, 7, 1), date(2026, 7, 13)),  # the Fourth of July falls on a Saturday and is kept on Friday
        (date(2026, 10, 30), date(2026, 11, 10)),  # the end of daylight saving time moves no day
    ],
)
def test_refunds_skip_weekends_and_federal_holidays(vested_on, due_on):
    assert refund_due(vested_on, RULE, FEDERAL) == due_on


days = st.dates(date(2026, 8, 5), date(2026, 12, 31))


@given(today=days, sent_on=days, revised_on=st.none() | days, expected_on=st.none() | days, agreed_on=days)
def test_money_is_due_back_once_no_deadline_is_left_to_meet(today, sent_on, revised_on, expected_on, agreed_on):
    """Whatever the facts, there is a deadline that has not passed, an indefinite consent, or a vested right."""
    facts = noticed(revised_on, sent_on=sent_on, expected_on=expected_on, agreed_on=(agreed_on,))

    found = on(facts, today)

    if found.vested_on:
        assert found.vested_on <= today
        assert found.refund_due_on > found.vested_on
    elif found.state != NoticeState.CONSENTED_INDEFINITE:
        assert found.deadline_on >= today or found.state == NoticeState.RENEWED_NOTICE_DUE


@given(today=days, sent_on=days, revised_on=st.none() | days)
def test_a_vested_right_never_goes_away_by_waiting(today, sent_on, revised_on):
    facts = noticed(revised_on, sent_on=sent_on)

    found = on(facts, today)

    if found.vested_on:
        assert on(facts, today + timedelta(days=40)).vested_on == found.vested_on
