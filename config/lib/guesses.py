"""Links that nobody was given: whoever tries many of them is sent away for a minute, right or wrong."""

import ipaddress

import structlog
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

logger = structlog.get_logger(__name__)

AT_MOST = 20  # wrong links from one address; more than a person mistypes
WINDOW_SECONDS = 60
IPV6_NETWORK = 64  # what one subscriber has: its addresses count as one


class WrongLinks:
    """How many wrong links came from where this request comes from, in the minute since the first of them."""

    def __init__(self, request: HttpRequest) -> None:
        self.origin = _origin(request)
        self.key = f"wrong-links:{self.origin}"

    @property
    def too_many(self) -> bool:
        return cache.get(self.key, 0) >= AT_MOST

    def count(self) -> None:
        if cache.add(self.key, 1, WINDOW_SECONDS):
            return
        try:
            if cache.incr(self.key) == AT_MOST:
                logger.warning("many_wrong_links", origin=self.origin)
        except ValueError:  # the minute ended in between
            cache.set(self.key, 1, WINDOW_SECONDS)


def sent_away() -> HttpResponse:
    response = HttpResponse(render_to_string("429.html"), status=429)
    response.headers["Retry-After"] = str(WINDOW_SECONDS)
    return response


def _origin(request: HttpRequest) -> str:
    """The client's address by the trusted proxies' word (see TRUSTED_PROXIES); a whole network for IPv6."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
