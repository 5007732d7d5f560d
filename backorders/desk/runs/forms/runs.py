"""Starting runs and looking at their results."""

from typing import Any, cast

from django import forms

from backorders.desk.fields import WarehouseField
from backorders.enums import RunKind
from backorders.models import AllocationPolicy
from config.lib.forms import OneLineField

KINDS = [
    (RunKind.SIMULATION.value, "Simulate (no changes)"),
    (RunKind.MANUAL.value, "Apply: allocate stock and email customers"),
]


class NewRunForm(forms.Form):
    policy = forms.ModelChoiceField(AllocationPolicy.objects.none(), empty_label=None, to_field_name="code")
    warehouse = WarehouseField(required=False, empty_label="All warehouses")
    kind = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect, initial=RunKind.SIMULATION.value, label="Mode")

    def __init__(self, *args: Any, may_apply: bool, may_simulate: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policies = AllocationPolicy.objects.filter(active=True).order_by("-is_default", "name")
        cast(forms.ModelChoiceField, self.fields["policy"]).queryset = policies
        allowed = {RunKind.SIMULATION.value: may_simulate, RunKind.MANUAL.value: may_apply}
        cast(forms.ChoiceField, self.fields["kind"]).choices = [choice for choice in KINDS if allowed[choice[0]]]


class CompareForm(forms.Form):
    policies = forms.ModelMultipleChoiceField(
        AllocationPolicy.objects.none(), to_field_name="code", widget=forms.CheckboxSelectMultiple
    )
    warehouse = WarehouseField(required=False, empty_label="All warehouses")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policies = AllocationPolicy.objects.filter(active=True).order_by("-is_default", "name")
        cast(forms.ModelMultipleChoiceField, self.fields["policies"]).queryset = policies


class RunDecisionForm(forms.Form):
    note = OneLineField(max_length=180, label="Note")
