"""Service levels, market trends, and what is set by hand for single products."""

from decimal import Decimal
from typing import Any

from django import forms

from backorders.enums import ValueClass
from backorders.planning.service_levels import LEAST, MOST
from config.lib.forms import DayInput, OneLineField
from inventory.desk.forms.fields import ProductField
from inventory.models import Category


class PercentField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=LEAST, max_value=MOST, max_digits=4, decimal_places=1, **kwargs)


class ServiceLevelsForm(forms.Form):
    a = PercentField(label="A: top 80 % of value, in per cent")
    b = PercentField(label="B: next 15 % of value, in per cent")
    c = PercentField(label="C: remaining value, in per cent")

    def percent(self) -> dict[str, Decimal]:
        return {name.upper(): value for name, value in self.cleaned_data.items()}


class TrendForm(forms.Form):
    category = forms.ModelChoiceField(Category.objects.order_by("name"), empty_label=None)
    factor = forms.DecimalField(
        min_value=Decimal("0.1"),
        max_value=10,
        max_digits=4,
        decimal_places=2,
        help_text="1.2 means 20 % more than history. It replaces the category's current trend.",
    )
    until_on = forms.DateField(label="Until", widget=DayInput())
    reason = OneLineField(max_length=200)


class StockingForm(forms.Form):
    product = ProductField()
    value_class = forms.ChoiceField(
        choices=[("", "By value"), *ValueClass.choices], required=False, label="Value class"
    )
    percent = PercentField(required=False, label="Service level in per cent", help_text="Leave blank to use the class.")
    discontinued = forms.BooleanField(required=False, help_text="Buy only for waiting customers.")
