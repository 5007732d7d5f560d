"""How pages answer a posted form: what was refused is told in the words of the refusal, and nothing is half done."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from config.lib.errors import DomainError
from config.lib.requests import StaffRequest


@contextmanager
def refusals_told(request: StaffRequest) -> Iterator[None]:
    """A refusal ends the block and becomes a message on the next page."""
    try:
        yield
    except DomainError as error:
        messages.error(request, str(error))


@contextmanager
def refusals_beside(form: forms.BaseForm, field: str | None = None) -> Iterator[None]:
    """A refusal ends the block and stands beside the form, or beside its field."""
    try:
        yield
    except DomainError as error:
        form.add_error(field, str(error))


def is_sound(request: StaffRequest, form: forms.BaseForm) -> bool:
    """Whether a small form without a page of its own is valid; if not, the next page says what is wrong with it."""
    for name, errors in form.errors.items():
        label = form.fields[name].label or name.capitalize() if name in form.fields else ""
        messages.error(request, " ".join([f"{label}:" if label else "", *map(str, errors)]).strip())
    return form.is_valid()


def saved_or_shown(
    request: StaffRequest, form: forms.ModelForm, template: str, *, done: str, **context: object
) -> HttpResponse:
    """The page of a new row or of an old one: saves what was posted and goes to the row, else shows the form.

    `done` says "was added" or "was saved" of the row.
    """
    if request.method == "POST" and form.is_valid():
        row = form.save()
        messages.success(request, f"{row} {done}.")
        return redirect(row)
    return render(request, template, {"form": form, **context})
