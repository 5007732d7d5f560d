"""Pages that a random token in their address opens, without a login (see config.lib.tokens)."""

import http
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

from config.lib.link_throttle import WrongLinks, sent_away

View = Callable[..., HttpResponse]

# The token is in the address: no browser, proxy or search engine may keep it or hand it on.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


class _TokenFormCheck(CsrfViewMiddleware):
    """Django's comparison of form and cookie, without its look at Origin and Referer.

    A page that sends no referrer makes the browser send `Origin: null` with its own forms. What those headers would
    add, the token in the address gives: who does not know it cannot aim a form at the page.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        return True

    def _check_referer(self, request: HttpRequest) -> None:
        return None


def opened_by_link(view: View) -> View:
    """No login; the headers above; few wrong tokens a minute, any right ones; forms are checked by the CSRF cookie."""
    return opened_by_program(cast(View, decorator_from_middleware(_TokenFormCheck)(view)))


def opened_by_program(view: View) -> View:
    """The same for what mail programs post without having seen the page (RFC 8058): no look at the cookie."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == http.HTTPStatus.NOT_FOUND and WrongLinks(request).one_too_many():
            response = sent_away()
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return cast(View, csrf_exempt(login_not_required(answer)))
