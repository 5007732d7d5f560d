"""The shipped texts: each email has its German twin, which uses the same fields, and both speak plainly."""

import re

import pytest

from notifications.payloads import PAYLOADS
from notifications.services.preferences import GERMAN_LABELS, optional_kinds
from notifications.services.wording.shipped import shipped_wording

FIELD = re.compile(r"\b(?:mail|line|order|part)(?:\.\w+)+")
WORKSHOP = re.compile(
    r"\b(?:pools?|queue date|told|supply version|shards?|served|article|Auftr\w+|zurückgelegt)\b", re.IGNORECASE
)


@pytest.mark.parametrize("kind", PAYLOADS)
def test_each_english_text_has_a_german_twin_with_the_same_fields(kind):
    english, german = (
        [set(FIELD.findall(part)) for part in shipped_wording(kind, language)] for language in ("en", "de")
    )

    assert german == english


def test_each_kind_that_can_be_switched_off_has_a_german_name():
    assert set(optional_kinds()) == set(GERMAN_LABELS)
    assert optional_kinds(language="de")["date_changed"] == "Liefertermin geändert"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", PAYLOADS)
def test_no_email_speaks_the_language_of_the_workshop(kind, language):
    assert WORKSHOP.findall("\n".join(shipped_wording(kind, language))) == []
