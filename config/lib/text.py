"""One-line text and e-mail addresses as the database accepts them: NFC, trimmed, without control or bidi characters."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, Q

# C0 and C1 controls, line and paragraph separators, and the marks that reorder text around them.
UNPRINTABLE = r"\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_UNPRINTABLE_PATTERN = re.compile(f"[\\x00{UNPRINTABLE}]|[\ud800-\udfff]")
EMAIL_PATTERN = r"^[^\s@,;<>()\[\]\\\"]+@[^\s@,;<>()\[\]\\\"]+\.[^\s@,;<>()\[\]\\\"]+$"


def clean_line(value: str) -> str:
    """`value` trimmed and in NFC; raises ValidationError for control, bidi or surrogate characters."""
    if _UNPRINTABLE_PATTERN.search(value.strip()):
        raise ValidationError("Must be one line of plain text without control characters.", code="unprintable")
    return unicodedata.normalize("NFC", value.strip())


def clean_email(value: str) -> str:
    """One bare address in lower case; raises ValidationError for lists, names or header tricks."""
    address = clean_line(value).lower()
    if address and not re.fullmatch(EMAIL_PATTERN, address):
        raise ValidationError("Must be exactly one e-mail address such as name@example.com.", code="email")
    return address


def counted(count: int, noun: str) -> str:
    """1 line, 1,204 lines; both forms where an s is not enough: "address,addresses"."""
    one, _, many = noun.partition(",")
    return f"{count:,} {one if count == 1 else many or one + 's'}"


class LineField(models.CharField):
    """A CharField for one line of text; blank instead of null."""

    def to_python(self, value):
        value = super().to_python(value)
        return clean_line(value) if isinstance(value, str) else value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else value


class AddressField(LineField):
    """One e-mail address, kept in lower case; blank when there is none."""

    def to_python(self, value):
        value = super().to_python(value)
        return clean_email(value) if isinstance(value, str) else value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return value.lower() if isinstance(value, str) else value


def plain_text(table: str, *fields: str) -> list[CheckConstraint]:
    """Constraints that keep control and bidi characters out of `fields` even from raw SQL."""
    return [
        CheckConstraint(name=f"{table}_{field}_is_plain_text", condition=~Q(**{f"{field}__regex": f"[{UNPRINTABLE}]"}))
        for field in fields
    ]


def one_address(table: str, field: str = "email") -> CheckConstraint:
    """A constraint: blank or exactly one address in lower case."""
    return CheckConstraint(
        name=f"{table}_{field}_is_one_address", condition=Q(**{field: ""}) | Q(**{f"{field}__regex": EMAIL_PATTERN})
    )
