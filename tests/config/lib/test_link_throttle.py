"""Whoever tries links that nobody was given is sent away; others notice nothing, and right links open."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from config.lib.link_throttle import AT_MOST
from tests.backorders.desk.desk import a_short_product
from tests.backorders.tracking.pages import newest_address
from tests.factories.backorders import order_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_tried():
    cache.clear()
    yield
    cache.clear()


def tries(client, count, **origin):
    return [client.get(f"/t/wrong-{number}/", **origin).status_code for number in range(count)]


def test_twenty_wrong_links_a_minute_and_then_none_of_any_kind(client):
    assert set(tries(client, AT_MOST)) == {404}

    answers = [client.get(path) for path in ("/t/another/", "/s/another/", "/m/another/")]
    answers += [client.post(path) for path in ("/t/another/decide/", "/m/another/stop/")]

    assert {answer.status_code for answer in answers} == {429}
    assert {answer["Retry-After"] for answer in answers} == {"60"}
    assert {answer["Referrer-Policy"] for answer in answers} == {"no-referrer"}


def test_a_right_link_opens_whoever_else_tried(client):
    order_for({a_short_product().product: 8}, now=timezone.now())
    tries(client, AT_MOST + 1)

    assert client.get(newest_address()).status_code == 200


@pytest.mark.parametrize("unknown", ["", "unix:"])
def test_who_cannot_be_told_apart_is_not_counted(client, unknown):
    assert set(tries(client, AT_MOST + 1, REMOTE_ADDR=unknown)) == {404}


def test_an_ipv4_address_in_ipv6_clothes_is_that_address(client):
    tries(client, AT_MOST, REMOTE_ADDR="::ffff:192.0.2.7")

    assert tries(client, 1, REMOTE_ADDR="192.0.2.7") == [429]
    assert tries(client, 1, REMOTE_ADDR="::ffff:192.0.2.8") == [404]


def test_others_are_not_sent_away_and_nobody_by_a_header_of_their_own(client):
    tries(client, AT_MOST, REMOTE_ADDR="192.0.2.7")

    assert tries(client, 1, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="198.51.100.1") == [429]
    assert tries(client, 1, REMOTE_ADDR="192.0.2.8") == [404]


def test_behind_a_proxy_its_last_word_counts(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    tries(client, AT_MOST, HTTP_X_FORWARDED_FOR="198.51.100.1")

    assert tries(client, 1, HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.1") == [429]
    assert tries(client, 1, HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.9") == [404]


def test_the_addresses_of_one_ipv6_network_count_as_one(client):
    tries(client, AT_MOST, REMOTE_ADDR="2001:db8::1")

    assert tries(client, 1, REMOTE_ADDR="2001:db8::ffff:2") == [429]
    assert tries(client, 1, REMOTE_ADDR="2001:db8:0:1::1") == [404]
