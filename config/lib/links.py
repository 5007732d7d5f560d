"""Pages that a random token in their address opens, without a login (see config.lib.tokens)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

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
    """No login; the headers above; forms are checked against the CSRF cookie."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    checked = decorator_from_middleware(_TokenFormCheck)(answer)
    return cast(View, csrf_exempt(login_not_required(checked)))
