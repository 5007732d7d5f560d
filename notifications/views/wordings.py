"""The texts of the emails: what is in force, its earlier versions, and writing a new one."""

from django.contrib import messages as flash
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from config.lib.replies import refusals_beside
from config.lib.requests import StaffRequest
from notifications.forms import WordingForm
from notifications.models import TemplateVersion
from notifications.payloads import PAYLOADS
from notifications.queries import newest_of_kind, newest_versions, versions_of
from notifications.services.preview import move_styles
from notifications.services.rendering import LOCALES
from notifications.services.wording.fields import field_names
from notifications.services.wording.shipped import shipped_wording
from notifications.services.wording.testing import send_test, specimen
from notifications.services.wording.versions import (
    WordingDraft,
    add_version,
    check_wording,
    restore_shipped,
    try_wording,
)

LANGUAGE_NAMES = {"en": "English", "de": "German"}


@require_GET
@permission_required("notifications.view_templateversion", raise_exception=True)
def wordings(request: StaffRequest) -> HttpResponse:
    newest = newest_versions()
    rows = [
        {
            "kind": kind,
            "label": payload.label,
            "legal": payload.legal,
            "languages": [(code, LANGUAGE_NAMES[code], newest.get((kind, code))) for code in LOCALES],
        }
        for kind, payload in PAYLOADS.items()
    ]
    return render(request, "notifications/wordings.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("notifications.add_templateversion", raise_exception=True)
def wording(request: StaffRequest, kind: str, language: str) -> HttpResponse:
    """Edit, preview, test and save: four buttons of one form, of which only "save" puts the text in force."""
    if kind not in PAYLOADS or language not in LOCALES:
        raise Http404("There is no such email.")
    versions = list(versions_of(kind, language))
    form = WordingForm(request.POST or None, initial=_start(kind, language, versions, request.GET.get("from", "")))
    preview = None
    if request.method == "POST" and request.POST.get("action") == "shipped":
        restore_shipped(kind=kind, language=language, note="", by=request.user, now=timezone.now())
        flash.success(request, "The default text is active again.")
        return redirect("notifications:wordings")
    if request.method == "POST" and form.is_valid():
        draft = WordingDraft(kind, language, form.cleaned_data["subject"], form.cleaned_data["body"])
        with refusals_beside(form):
            check_wording(draft)
            example = newest_of_kind(kind)
            preview = try_wording(draft, example) if example else None
            if request.POST.get("action") == "test":
                send_test(draft=draft, message=example, to=request.user, now=timezone.now())
                flash.success(request, f"Test email sent to {request.user.email}.")
            elif request.POST.get("action") == "save":
                version = add_version(draft=draft, note=form.cleaned_data["note"], by=request.user, now=timezone.now())
                flash.success(request, f"Version {version.number} is active from the next email.")
                return redirect("notifications:wordings")
    context = {
        "form": form,
        "kind": kind,
        "label": PAYLOADS[kind].label,
        "language": language,
        "language_name": LANGUAGE_NAMES[language],
        "versions": versions,
        "fields": field_names(PAYLOADS[kind]),
        "words": preview,
        "preview": move_styles(preview.html, stylesheet=reverse("notifications:wording-preview-styles")).html
        if preview
        else "",
    }
    return render(request, "notifications/wording.html", context, status=422 if form.errors else 200)


@require_GET
@permission_required("notifications.view_templateversion", raise_exception=True)
def preview_styles(request: StaffRequest) -> HttpResponse:
    """The styles of every part that a staff-written text can have."""
    return HttpResponse(move_styles(specimen(), stylesheet="").css, content_type="text/css; charset=utf-8")


def _start(kind: str, language: str, versions: list[TemplateVersion], number: str) -> dict[str, str]:
    """The chosen version, else the one in force, else the shipped text."""
    chosen = next((version for version in versions if str(version.number) == number), None)
    start = chosen or (versions[0] if versions else None)
    if start is None or start.is_shipped or number == "0":
        subject, body = shipped_wording(kind, language)
        return {"subject": subject, "body": body}
    return {"subject": start.subject, "body": start.body}
