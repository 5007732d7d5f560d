"""Every address of the desk, for what must hold at all of them."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


def asks_for_login(entry: URLPattern) -> bool:
    return getattr(entry.callback, "login_required", True)


def addresses(pk: int, *, behind_login: bool = False) -> Iterator[str]:
    """One for each pattern, or for each that asks for a login; where it names a row, that of `pk`."""
    for pattern, entry in patterns(get_resolver()):
        if behind_login and not asks_for_login(entry):
            continue
        plain = re.sub(r"\(\?P<\w+>[^()]*\)|<[^>]*>", str(pk), pattern)
        yield "/" + re.sub(r"\^|\$|\\Z", "", plain)
