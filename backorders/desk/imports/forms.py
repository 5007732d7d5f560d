"""Uploading a CSV file; what is longer goes through import_csv."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from config.lib.text import clean_line

LARGEST_UPLOAD = 5 * 1024 * 1024


class ImportForm(forms.Form):
    kind = forms.ChoiceField(label="Type of data")
    file = forms.FileField(
        label="CSV file",
        help_text="At most 5 MB and 10,000 rows.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
    )
    mapping = forms.ChoiceField(required=False, help_text="If the column names differ from ours.")
    source = forms.CharField(
        required=False, max_length=40, help_text="The system the file comes from. Order numbers are unique per source."
    )
    dry_run = forms.BooleanField(required=False, initial=True, label="Trial run: import nothing")
    strict = forms.BooleanField(required=False, label="Reject the whole file if one row is invalid")

    def __init__(self, *args: Any, kinds: Iterable[str], mappings: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(kind, kind.replace("-", " ").capitalize()) for kind in kinds]
        cast(forms.ChoiceField, self.fields["kind"]).choices = words
        named = [("", "None: our column names"), *((name, name) for name in mappings)]
        cast(forms.ChoiceField, self.fields["mapping"]).choices = named

    def clean_file(self) -> UploadedFile:
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST_UPLOAD:
            raise ValidationError("The file has more than 5 MB: split it, or use import_csv.")
        return upload

    def clean_source(self) -> str:
        return clean_line(self.cleaned_data["source"])
