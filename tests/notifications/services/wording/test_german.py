"""The German texts are complete: each email has its twin, which uses the same fields."""

import re

import pytest

from notifications.payloads import PAYLOADS
from notifications.services.preferences import GERMAN_LABELS, optional_kinds
from notifications.services.wording.shipped import shipped_wording

FIELD = re.compile(r"\b(?:mail|line|order|part)(?:\.\w+)+")


@pytest.mark.parametrize("kind", PAYLOADS)
def test_each_english_text_has_a_german_twin_with_the_same_fields(kind):
    english, german = (
        [set(FIELD.findall(part)) for part in shipped_wording(kind, language)] for language in ("en", "de")
    )

    assert german == english


def test_each_kind_that_can_be_switched_off_has_a_german_name():
    assert set(optional_kinds()) <= set(GERMAN_LABELS)
    assert optional_kinds(language="de")["shipped"] == "Lieferung unterwegs"
