"""Writing a policy: its sort key must make sense before a run meets it."""

from typing import Any

from django import forms

from backorders.engine.ranking import SortField
from backorders.models import AllocationPolicy

KNOWN = {field.value for field in SortField}


class PolicyForm(forms.ModelForm):
    class Meta:
        model = AllocationPolicy
        fields = ("code", "name", "description", "method", "keys", "age_boost_days", "active")
        help_texts = {
            "keys": 'What counts first stands first, such as [{"field": "tier_rank"}, {"field": "placed_at"}]; '
            f'"descending": true turns a key around. Fields: {", ".join(sorted(KNOWN))}.',
        }

    def clean_keys(self) -> list[dict[str, Any]]:
        keys = self.cleaned_data["keys"]
        if not isinstance(keys, list) or not keys:
            raise forms.ValidationError("Name at least one key, in a list.")
        for key in keys:
            if not isinstance(key, dict) or not isinstance(key.get("field"), str) or key["field"] not in KNOWN:
                raise forms.ValidationError(f"{key} is no key: “field” must be one of {', '.join(sorted(KNOWN))}.")
            if set(key) - {"field", "descending"} or not isinstance(key.get("descending", False), bool):
                raise forms.ValidationError(f"{key} is no key: besides “field” only “descending”: true or false.")
        if len({key["field"] for key in keys}) < len(keys):
            raise forms.ValidationError("A field counts once: name each key once.")
        return keys

    def clean_active(self) -> bool:
        if self.instance.is_default and not self.cleaned_data["active"]:
            raise forms.ValidationError("The default policy must stay in use: choose another default first.")
        return self.cleaned_data["active"]
