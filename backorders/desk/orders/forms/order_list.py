"""What a person may ask the list of orders for."""

from django import forms
from django.http import QueryDict

from backorders.enums import OrderStatus
from backorders.orders.queries.order_list import OrderFilter


class OrderListForm(forms.Form):
    """The status comes with the tabs."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "Number, reference, customer", "autocomplete": "off"}),
    )
    customer = forms.CharField(
        label="Customer",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "Code or name", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(required=False, choices=OrderStatus.choices, widget=forms.HiddenInput)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query, auto_id="filter-%s")

    @property
    def wanted(self) -> OrderFilter:
        """The values that make sense."""
        self.full_clean()
        return OrderFilter(**{name: value for name, value in self.cleaned_data.items() if value})
