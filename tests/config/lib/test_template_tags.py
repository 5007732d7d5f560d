from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace

import pytest
from django.template import engines
from django.test import RequestFactory

from config.lib import charts
from config.lib.badges import STATES
from config.lib.template_tags import (
    badge,
    chart,
    counted_nouns,
    day,
    days,
    icon,
    initials,
    moment,
    money,
    nav_item,
    percent,
    quantity,
    unlocalize,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234, "1,234"),
        (0, "0"),
        (-5, "−5"),
        (Decimal("12.500"), "12.5"),
        (Decimal("1E+3"), "1,000"),
        (None, "–"),
        ("", "–"),
    ],
)
def test_quantities_are_grouped_and_lose_trailing_zeros(value, shown):
    assert quantity(value) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("1234.5"), "EUR", "€1,234.50"),
        (Decimal(-3), "GBP", "−£3.00"),
        (Decimal(7), "CHF", "7.00 CHF"),
        (0, "", "0.00"),
        (None, "EUR", "–"),
    ],
)
def test_money_has_two_decimals_and_its_currency(amount, currency, shown):
    assert money(amount, currency) == shown


def test_a_ratio_of_nothing_is_blank_and_never_zero():
    assert (percent(None), percent(0), percent(0.7222), percent(0.7222, 1)) == (
        "–",
        "0\u202f%",
        "72\u202f%",
        "72.2\u202f%",
    )


def test_days_count_whole_days():
    assert [days(0), days(1), days(-2), days(timedelta(days=3, hours=20)), days(None)] == [
        "0 days",
        "1 day",
        "−2 days",
        "3 days",
        "–",
    ]


def test_numbers_for_machines_are_not_grouped():
    assert unlocalize(12345) == "12345"


def test_dates_are_written_for_people_and_machines():
    assert day(date(2025, 12, 4)) == '<time datetime="2025-12-04">4 Dec 2025</time>'
    assert day(datetime(2025, 12, 3, 23, 30, tzinfo=UTC)) == '<time datetime="2025-12-04">4 Dec 2025</time>'
    assert (day(None), moment(None)) == ("–", "–")


def test_moments_are_local():
    assert (
        moment(datetime(2025, 12, 4, 13, 5, tzinfo=UTC))
        == '<time datetime="2025-12-04T14:05:00+01:00">4 Dec 2025, 14:05</time>'
    )


@pytest.mark.parametrize(
    ("name", "letters"), [("Hannah Vogel", "HV"), ("hannah.vogel", "HV"), ("admin", "AD"), ("", "?")]
)
def test_initials(name, letters):
    assert initials(name) == letters


def test_icons_are_decorative_unless_labelled():
    assert icon("truck") == '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#truck"></use></svg>'
    assert 'role="img" aria-label="Late &lt;3&gt;"' in icon("alert", "Late <3>")


class Colour(Enum):
    WAITING = "waiting"

    @property
    def label(self):
        return "Waits"


@pytest.mark.parametrize(
    ("state", "label", "tone", "word"),
    [
        ("partly_allocated", "", "info", "Partly allocated"),
        ("late", "3 days late", "bad", "3 days late"),
        (Colour.WAITING, "", "warn", "Waits"),
        ("never-heard-of", "", "neutral", "Never-heard-of"),
    ],
)
def test_a_badge_has_a_tone_an_icon_and_a_word(state, label, tone, word):
    shown = badge(state, label)

    assert shown.startswith(f'<span class="badge badge-{tone}"')
    assert "><svg" in shown
    assert shown.endswith(f"</svg>{word}</span>")


def test_no_state_is_blank():
    assert badge("") == badge(None) == "–"


def test_every_state_has_an_icon_that_exists(settings):
    drawn = (settings.BASE_DIR / "static/icons.svg").read_text()

    assert [look.icon for look in STATES.values() if f'id="{look.icon}"' not in drawn] == []


@pytest.mark.parametrize(
    ("figure", "drawn"),
    [
        (
            charts.bars(title="Age", rows=[charts.BarValues("0–7 days", (1500,), "/backorders/?age=0")]),
            'width="100.0%"',
        ),
        (charts.columns(title="Weeks", categories=["W1"], series=[charts.Series("Lines", [1500])]), "Show as table"),
        (charts.sparkline([1, 2], label="Open units"), 'aria-label="Open units"'),
    ],
)
def test_charts_are_drawn_without_inline_styles(figure, drawn):
    markup = chart(figure)

    assert drawn in markup
    assert "style=" not in markup
    assert chart(None) == ""


def test_an_address_that_does_not_exist_is_left_out_of_the_navigation():
    user = SimpleNamespace(has_perm=lambda permission: True)
    context = {"request": RequestFactory().get("/"), "user": user}

    assert nav_item(context, "nowhere:to-go", "Nowhere", "box", "app.view_thing") == {"address": ""}


def test_the_navigation_shows_what_the_person_may_see_and_where_they_are():
    context = {
        "request": RequestFactory().get("/accounts/login/"),
        "user": SimpleNamespace(has_perm=lambda p: p == "a.b"),
    }

    assert nav_item(context, "account_login", "Sign in", "key", "a.b")["current"] == "page"
    assert nav_item(context, "account_login", "Sign in", "key", "a.c") == {"address": ""}


def test_a_page_inside_is_current_but_not_below_its_neighbour():
    user = SimpleNamespace(has_perm=lambda permission: True)
    inside = {"request": RequestFactory().get("/accounts/password/change/x/"), "user": user}

    assert nav_item(inside, "account_change_password", "Password", "key", "a.b")["current"] == "true"
    beside = nav_item(inside, "account_change_password", "Password", "key", "a.b", beside="account_change_password")
    assert beside["current"] == ""


def test_tags_and_filters_need_no_loading():
    template = engines["django"].from_string('{% icon "box" %}{{ n|quantity }}{% badge "shipped" %}')

    assert "1,000" in template.render({"n": 1000})


@pytest.mark.parametrize(
    ("count", "noun", "read"),
    [
        (1, "line", "1 line"),
        (1204, "line", "1,204 lines"),
        (0, "line", "0 lines"),
        (2, "address,addresses", "2 addresses"),
        (1, "address,addresses", "1 address"),
        (None, "line", "–"),
    ],
)
def test_counted_nouns_agree_with_their_number(count, noun, read):
    assert counted_nouns(count, noun) == read
