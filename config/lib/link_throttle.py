"""Links that nobody was given: whoever tries many of them is sent away for a minute."""

import ipaddress

import structlog
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

logger = structlog.get_logger(__name__)

AT_MOST = 20  # wrong links from one address; more than a person mistypes
WINDOW_SECONDS = 60
IPV6_NETWORK = 64  # what one subscriber has: its addresses count as one


class WrongLinks:
    """How many wrong links came from where this request comes from, in the minute since the first of them.

    Nothing is counted where that is not known: all such clients would share one count.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.origin = _origin(request)
        self.key = f"wrong-links:{self.origin}"

    def one_too_many(self) -> bool:
        """Count one more."""
        if not self.origin or cache.add(self.key, 1, WINDOW_SECONDS):
            return False
        try:
            tries = int(cache.incr(self.key))
        except ValueError:  # the minute ended in between
            cache.set(self.key, 1, WINDOW_SECONDS)
            return False
        if tries == AT_MOST + 1:
            logger.warning("many_wrong_links", origin=self.origin)
        return tries > AT_MOST


def sent_away() -> HttpResponse:
    response = HttpResponse(render_to_string("429.html"), status=429)
    response.headers["Retry-After"] = str(WINDOW_SECONDS)
    return response


def _origin(request: HttpRequest) -> str:
    """The client's address by the trusted proxies' word (see TRUSTED_PROXIES); a whole network for IPv6."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured, ValueError):
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
