"""Links that open one thing without a login: one mechanism for customers, suppliers and readers of emails.

A row, and every text that is stored, holds the link's reference. The token is that reference signed with the desk's
key: it is made when an email leaves, and is the same at every try. So no database, backup or staff page has a token.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from django.core.signing import BadSignature, Signer

NO_REFERENCE = UUID(int=0)


class LinkKind(StrEnum):
    """What a link opens. The value is the first part of its address."""

    ORDER = "t"
    PURCHASE_ORDER = "s"
    EMAILS = "m"


def token_of(kind: LinkKind, reference: UUID) -> str:
    return _signer(kind).sign(reference.hex)


def reference_of(kind: LinkKind, token: str) -> UUID:
    """For a forged token a reference that no row has: looking it up takes as long as finding a revoked link."""
    try:
        return UUID(hex=_signer(kind).unsign(token))
    except (BadSignature, ValueError):
        return NO_REFERENCE


def stand_in(reference: UUID) -> str:
    """What takes the token's place in a stored address."""
    return f"private-link-{reference.hex}"


def with_tokens(text: str, *, own: Iterable[str]) -> str:
    """Stored `text` with the tokens of its `own` addresses. What a note quotes of another email stays closed."""
    for kind, reference in _STAND_IN.findall(" ".join(own)):
        link = UUID(hex=reference)
        text = text.replace(f"/{kind}/{stand_in(link)}/", f"/{kind}/{token_of(LinkKind(kind), link)}/")
    return text


_STAND_IN = re.compile(r"/([tsm])/private-link-([0-9a-f]{32})/")


def _signer(kind: LinkKind) -> Signer:
    return Signer(salt=f"private-link:{kind}", sep=".")
