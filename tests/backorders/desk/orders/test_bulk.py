"""Correcting the reason of several lines, or cancelling them: asked first, told per line."""

import pytest

from backorders.models import LineEvent
from backorders.orders.cancel import cancel_line
from notifications.models import Message
from tests.backorders.waiting import ordered_line
from tests.factories.inventory import MONDAY
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
REASONS, CANCEL = "/backorders/correct-reasons/", "/backorders/cancel/"


@pytest.fixture
def desk(client):
    client.force_login(staff_with("backorders.view_orderline", "backorders.correct_reason", "backorders.cancel_line"))
    return client


def results(response):
    return [(outcome.line.pk, outcome.done, outcome.refusal) for outcome in response.context["outcomes"]]


def test_the_lines_are_shown_before_anything_happens(desk):
    line = ordered_line(5)

    for address in (REASONS, CANCEL):
        page = desk.get(address, {"line": [line.pk, "abc", "²", "9" * 30]})
        assert [line.pk for line in page.context["lines"]] == [line.pk]

    line.refresh_from_db()
    assert (line.open, line.reason) == (5, "unknown")


def test_each_line_gets_the_reason_and_an_entry_in_its_timeline(desk):
    lines = [ordered_line(5), ordered_line(5)]

    response = desk.post(REASONS, {"line": [line.pk for line in lines], "reason": "seasonal"})

    assert results(response) == [(line.pk, "Reason is now: seasonal.", "") for line in lines]
    assert LineEvent.objects.filter(kind="reason_corrected").count() == 2


def test_without_a_reason_nothing_is_changed(desk):
    line = ordered_line(5)

    response = desk.post(REASONS, {"line": line.pk, "reason": ""})

    assert "outcomes" not in response.context
    assert response.context["form"].errors == {"reason": ["This field is required."]}


def test_what_is_open_is_cancelled_and_the_customer_told_with_the_note(desk):
    line = ordered_line(5)

    response = desk.post(CANCEL, {"line": line.pk, "note": "No longer made."})

    line.refresh_from_db()
    assert results(response) == [(line.pk, f"5 × {line.product.sku} cancelled.", "")]
    assert (line.open, line.cancelled) == (0, 5)
    assert Message.objects.filter(kind="cancelled").count() == 1


def test_a_line_that_cannot_be_cancelled_does_not_keep_the_others(desk):
    gone, waiting = ordered_line(5), ordered_line(3)
    cancel_line(line_id=gone.pk, quantity=5, by=None, now=MONDAY)

    [first, second] = results(desk.post(CANCEL, {"line": [gone.pk, waiting.pk]}))

    assert first == (gone.pk, "", f"{gone}: 0 units are open; 0 cannot be cancelled.")
    assert second == (waiting.pk, f"3 × {waiting.product.sku} cancelled.", "")


def test_the_same_form_sent_twice_cancels_once(desk):
    line = ordered_line(5)
    desk.post(CANCEL, {"line": line.pk})

    [(_, done, refusal)] = results(desk.post(CANCEL, {"line": line.pk}))

    assert (done, bool(refusal)) == ("", True)
    assert Message.objects.filter(kind="cancelled").count() == 1


@pytest.mark.parametrize(
    ("next_page", "expected"),
    [
        ("/backorders/?state=late", "/backorders/?state=late"),
        ("https://elsewhere.example/", "/backorders/"),
        ("//elsewhere.example/", "/backorders/"),
        ("", "/backorders/"),
    ],
)
def test_without_lines_one_is_sent_back_to_the_list_as_it_was(desk, next_page, expected):
    response = desk.get(CANCEL, {"next": next_page}, follow=True)

    assert response.redirect_chain == [(expected, 302)]
    assert "Select lines first." in response.content.decode()
