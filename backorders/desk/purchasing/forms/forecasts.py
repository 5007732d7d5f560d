"""What planners say about demand, and how far backorders may go."""

from django import forms

from backorders.desk.fields import WarehouseField
from backorders.enums import DemandMark
from config.lib.forms import DayInput, OneLineField
from config.lib.numbers import STOCK_MAX


class ForecastOverrideForm(forms.Form):
    warehouse = WarehouseField(empty_label=None)
    weekly = forms.IntegerField(min_value=0, max_value=STOCK_MAX, label="Units a week")
    from_on = forms.DateField(label="From", widget=DayInput())
    until_on = forms.DateField(label="Until", widget=DayInput())
    reason = OneLineField(max_length=200, help_text="Such as: new customer, price change, end of the season.")


class MarkForm(forms.Form):
    warehouse = WarehouseField(empty_label=None)
    day = forms.DateField(label="Week of", widget=DayInput())
    mark = forms.ChoiceField(choices=[*DemandMark.choices, ("", "Regular week: remove the mark")], required=False)
    extra = forms.IntegerField(
        min_value=0, max_value=STOCK_MAX, label="Units", help_text="Forecasts ignore these units."
    )
    note = OneLineField(max_length=200, required=False)


class CapForm(forms.Form):
    limit = forms.IntegerField(min_value=1, max_value=STOCK_MAX, label="Maximum units on backorder")
