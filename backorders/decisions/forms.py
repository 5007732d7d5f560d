"""What a decision about a line says, by the customer or at the desk for them."""

from django import forms

from backorders.enums import Answer
from config.lib.forms import OnceField


class CustomerDecisionForm(forms.Form):
    """What the customer's page posts: which line, which answer, the question if one was asked, what was open then.

    `units` belongs to the answer that cancels some; without it those that wait are meant.
    """

    key = OnceField()
    line = forms.IntegerField(min_value=1)
    answer = forms.ChoiceField(choices=Answer.choices)
    question = forms.IntegerField(min_value=1, required=False)
    open = forms.IntegerField(min_value=0)
    units = forms.IntegerField(min_value=1, required=False, label="Units")
