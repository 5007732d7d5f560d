"""Quantities and prices as people may type them: one parser for forms, API and CSV, and the limits of the database.

Whole units from 1 to 100,000 a line; prices with up to four decimals (real price lists have 0.001); ASCII digits only,
since `int()` also takes `1_000`, `１２` and Bengali `৪`.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q

QUANTITY_MAX = 100_000
STOCK_MAX = 100_000_000
PRICE_MAX = Decimal("9999999.9999")
AMOUNT_STEP = Decimal("0.01")


def parse_quantity(text: str, *, least: int = 1) -> int:
    """Whole units from `least` to 100,000; raises ValidationError otherwise."""
    if not re.fullmatch(r"[0-9]{1,6}", text.strip(" ")) or not least <= int(text) <= QUANTITY_MAX:
        raise ValidationError(f"Must be a whole number from {least} to {QUANTITY_MAX:,}.", code="quantity")
    return int(text)


def parse_price(text: str) -> Decimal:
    """An amount of money for one unit, from 0 to 9,999,999.9999; raises ValidationError otherwise."""
    if not re.fullmatch(r"[0-9]{1,7}([.][0-9]{1,4})?", text.strip(" ")):
        raise ValidationError("Must be an amount such as 12.50, with at most four decimals.", code="price")
    return Decimal(text.strip(" "))


def line_value(quantity: int, unit_price: Decimal) -> Decimal:
    """quantity × unit price, rounded half up to cents: the only place where money is rounded."""
    return (quantity * unit_price).quantize(AMOUNT_STEP, rounding=ROUND_HALF_UP)


class QuantityField(forms.Field):
    """Whole units; the same answer as the CSV import gives."""

    widget = forms.NumberInput(attrs={"min": 1, "max": QUANTITY_MAX, "inputmode": "numeric"})

    def __init__(self, *, least: int = 1, **kwargs):
        self.least = least
        super().__init__(**kwargs)
        self.widget.attrs["min"] = least

    def to_python(self, value):
        return None if value in self.empty_values else parse_quantity(str(value), least=self.least)


class PriceField(forms.Field):
    """A price; the same answer as the CSV import gives."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_python(self, value):
        return None if value in self.empty_values else parse_price(str(value))


def price_within_bounds(table: str, *fields: str) -> list[CheckConstraint]:
    """Constraints that bound prices; the bounds also exclude NaN."""
    return [
        CheckConstraint(
            name=f"{table}_{field}_within_bounds", condition=Q(**{f"{field}__gte": 0, f"{field}__lte": PRICE_MAX})
        )
        for field in fields
    ]
