"""What can be done to one line of an order, or to the order."""

from typing import Any, cast

from django import forms

from backorders.enums import BackorderReason
from config.lib.forms import OnceField, OneLineField
from config.lib.numbers import QuantityField


class CancelLineForm(forms.Form):
    """`open` is what the person saw: the same form sent twice must not cancel twice."""

    quantity = QuantityField()
    open = forms.IntegerField(widget=forms.HiddenInput)
    note = OneLineField(max_length=200, required=False)


class CancelOrderForm(forms.Form):
    note = OneLineField(max_length=200, required=False, label="Why")


class BackorderReasonForm(forms.Form):
    reason = forms.ChoiceField(choices=[choice for choice in BackorderReason.choices if choice[0]])


class ReturnForm(forms.Form):
    key = OnceField()
    quantity = QuantityField()
    reason = OneLineField(max_length=200)


class PickForm(forms.Form):
    """Lines to pick; none ticked means the whole order."""

    lines = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, line_ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["lines"]).choices = [(pk, pk) for pk in line_ids]
