"""Deny by default: whoever is not logged in reaches the pages listed here and no others."""

from django.urls import get_resolver

from tests.kit.addresses import asks_for_login, patterns

# Patterns as `show_urls` would print them. A page that is not listed asks for a login.
OPEN_TO_EVERYBODY = {
    "favicon.ico",
    "livez",
    "readyz",
    "healthz",
    "accounts/login/",
    "accounts/logout/",
    "accounts/signup/",
    "accounts/inactive/",
    "accounts/confirm-email/",
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$",
    "accounts/login/code/confirm/",
    "accounts/password/reset/",
    "accounts/password/reset/done/",
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    "accounts/password/reset/key/done/",
    "accounts/2fa/authenticate/",
    "t/<str:token>/",
    "t/<str:token>/decide/",
    "messages/bounces/",
    "m/<str:token>/",
    "m/<str:token>/stop/",
    "s/<str:token>/",
}


def test_every_page_asks_for_a_login_unless_it_is_listed():
    open_pages = {pattern for pattern, entry in patterns(get_resolver()) if not asks_for_login(entry)}

    assert open_pages == OPEN_TO_EVERYBODY
