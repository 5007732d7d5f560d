"""Putting the books right."""

from django import forms

from backorders.desk.fields import WarehouseField
from config.lib.forms import OnceField, OneLineField
from config.lib.numbers import STOCK_MAX
from inventory.models.stock import LARGEST_MOVE


class CountForm(forms.Form):
    key = OnceField()
    warehouse = WarehouseField(empty_label=None)
    counted = forms.IntegerField(min_value=0, max_value=STOCK_MAX, label="Units counted")
    reason = OneLineField(max_length=200, help_text="Such as: annual count, shelf check.")


class AdjustForm(forms.Form):
    key = OnceField()
    warehouse = WarehouseField(empty_label=None)
    delta = forms.IntegerField(
        min_value=-LARGEST_MOVE,
        max_value=LARGEST_MOVE,
        label="Change",
        help_text="For example −3 for three damaged units, 2 for two found.",
    )
    reason = OneLineField(max_length=200, help_text="Such as: damaged, found, sample.")

    def clean_delta(self) -> int:
        if not self.cleaned_data["delta"]:
            raise forms.ValidationError("A change of 0 changes nothing.")
        return self.cleaned_data["delta"]
