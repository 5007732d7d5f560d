"""Deny by default: whoever is not logged in reaches the pages listed here and no others."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

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


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


def test_every_page_asks_for_a_login_unless_it_is_listed():
    admin = settings.ADMIN_PATH
    open_pages = {
        path
        for path, entry in patterns(get_resolver())
        if not getattr(entry.callback, "login_required", True) and not path.startswith(admin)
    }

    assert open_pages == OPEN_TO_EVERYBODY


def test_the_admin_opens_its_login_page_only():
    open_pages = {
        path
        for path, entry in patterns(get_resolver())
        if path.startswith(settings.ADMIN_PATH) and not getattr(entry.callback, "login_required", True)
    }

    assert open_pages == {f"{settings.ADMIN_PATH}login/"}
