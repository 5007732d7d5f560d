"""Why an item waits, in the customer's words: nobody hears of trouble at a supplier's or in the house by default."""

import pytest
import time_machine

from backorders.enums import BackorderReason
from backorders.letters.send_tracking_link import send_link
from backorders.letters.wording import shown_reason, stated_reason
from backorders.models import DeskSettings, OrderLine
from notifications.models import Message
from notifications.services.wording.reasons import WORDS, reason_in_words
from tests.backorders.desk.desk import a_short_product
from tests.backorders.tracking.pages import newest_address
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY

WAITING = set(BackorderReason) - {BackorderReason.NONE, BackorderReason.UNKNOWN}


@pytest.mark.parametrize(
    ("reason", "language", "neutral", "named"),
    [
        ("supplier_delay", "en", "delivery to us is delayed", "our supplier is late"),
        ("supplier_delay", "de-AT", "die Lieferung an uns verzögert sich", "unser Lieferant ist in Verzug"),
        ("data_error", "en", "", "there was a mistake in our records"),
        ("high_demand", "en", "demand is higher than usual", "demand is higher than usual"),
        ("unknown", "en", "", ""),
        ("", "de", "", ""),
    ],
)
def test_a_cause_is_named_only_where_it_may_be(reason, language, neutral, named):
    assert shown_reason(reason, language, names_causes=False) == neutral
    assert shown_reason(reason, language, names_causes=True) == named


def test_every_language_has_words_for_every_reason():
    codes = {reason.value for reason in WAITING} | {"delivery_delayed"}

    assert {language: set(words) for language, words in WORDS.items()} == {"en": codes, "de": codes}


@pytest.mark.parametrize(
    ("language", "words"), [("en", "this item is out of stock"), ("de", "dieser Artikel ist zurzeit nicht auf Lager")]
)
def test_a_notice_that_must_state_a_reason_says_what_is_true_in_any_case(language, words):
    assert stated_reason("data_error", language, names_causes=False) == words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("names_causes", "words"), [(False, "delivery to us is delayed"), (True, "our supplier is late")]
)
@time_machine.travel(MONDAY, tick=False)
def test_email_and_order_page_follow_the_desk_settings(client, names_causes, words):
    DeskSettings.objects.update(names_causes=names_causes)
    order = order_for({a_short_product().product: 8}, customer=CustomerFactory(), now=MONDAY)
    OrderLine.objects.update(reason=BackorderReason.SUPPLIER_DELAY)

    send_link(order_id=order.pk, by=None, now=MONDAY)

    code = Message.objects.latest("pk").context["lines"][0]["reason"]
    assert reason_in_words(code, "en") == words
    assert f"({words})" in client.get(newest_address()).content.decode()
