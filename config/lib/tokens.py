"""Random tokens for links that open one thing without a login; the database keeps only their hash."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits in URL-safe letters: it goes into one link and is not kept."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What a row keeps to recognise the token: SHA-256 in 64 hexadecimal digits. Full entropy needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
