"""How actions answer: what was refused is told in the words of the refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.contrib import messages

from config.lib.errors import DomainError
from config.lib.requests import StaffRequest


@contextmanager
def refusals_told(request: StaffRequest) -> Iterator[None]:
    """A refusal ends the block and becomes a message on the next page."""
    try:
        yield
    except DomainError as error:
        messages.error(request, str(error))


def tell_errors(request: StaffRequest, form: forms.BaseForm) -> None:
    """The errors of a small form that has no page of its own."""
    for name, errors in form.errors.items():
        label = form.fields[name].label or name.capitalize() if name in form.fields else ""
        messages.error(request, " ".join([f"{label}:" if label else "", *map(str, errors)]).strip())
