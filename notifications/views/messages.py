"""The outbox for people: what went out, what did not and why, and "send again"."""

import logging

from csp.decorators import csp_update
from django.contrib import messages as flash
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from config.lib.keyset import keyset_page
from config.lib.replies import refusals_told
from config.lib.requests import StaffRequest
from notifications.filters import MessageFilters
from notifications.models import Message
from notifications.queries import message_list, messages_of, outbox_state
from notifications.services.failures import describe
from notifications.services.mail import email_without_links
from notifications.services.outbox import requeue_messages
from notifications.services.preview import Preview, move_styles, words_of
from notifications.services.rendering import Rendered

logger = logging.getLogger(__name__)


@require_GET
@permission_required("notifications.view_message", raise_exception=True)
def messages(request: StaffRequest) -> HttpResponse:
    filters = MessageFilters(request.GET, message_list())
    page = keyset_page(filters.qs, order=["-pk"], query=request.GET)
    context = {"form": filters.form, "page": page, "outbox": outbox_state()}
    return render(request, "notifications/messages.html", context)


@require_GET
@permission_required("notifications.view_message", raise_exception=True)
def message(request: StaffRequest, message_id: int) -> HttpResponse:
    shown = get_object_or_404(Message.objects.select_related("template_version"), pk=message_id)
    words = _words_or_none(shown)
    return render(
        request,
        "notifications/message.html",
        {
            "message": shown,
            "words": words,
            "preview": _preview(shown, words).html if words else "",
            "results": shown.results.order_by("pk"),
            "parts": shown.parts.defer("html", "text").order_by("pk"),
            "siblings": messages_of(shown.aggregate) if shown.aggregate else [],
        },
    )


@require_GET
@permission_required("notifications.view_message", raise_exception=True)
# No scripts, forms or popups; its stylesheet is the desk's own. (django-csp's types know only views without arguments.)
@csp_update({"sandbox": ["allow-same-origin"]})  # type: ignore[arg-type]
def preview(request: StaffRequest, message_id: int) -> HttpResponse:
    """The email alone on a page, as the customer sees it."""
    shown = get_object_or_404(Message, pk=message_id)
    return HttpResponse(_preview(shown, _words_or_404(shown)).html)


@require_GET
@permission_required("notifications.view_message", raise_exception=True)
def preview_styles(request: StaffRequest, message_id: int) -> HttpResponse:
    shown = get_object_or_404(Message, pk=message_id)
    return HttpResponse(_preview(shown, _words_or_404(shown)).css, content_type="text/css; charset=utf-8")


@require_GET
@permission_required("notifications.view_message", raise_exception=True)
def source(request: StaffRequest, message_id: int) -> HttpResponse:
    """The email as a file for a mail program, without its private links."""
    shown = get_object_or_404(Message.objects.exclude(rendered_at=None), pk=message_id)
    try:
        raw = email_without_links(shown).message().as_bytes(linesep="\r\n")
    except ValueError as error:
        raise Http404(str(error)) from error
    return HttpResponse(
        raw,
        content_type="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="message-{shown.pk}.eml"'},
    )


@require_POST
@permission_required("notifications.change_message", raise_exception=True)
def send_again(request: StaffRequest, message_id: int) -> HttpResponse:
    get_object_or_404(Message, pk=message_id)
    with refusals_told(request):
        requeue_messages(message_ids=[message_id])
        flash.success(request, "The message is queued and will be sent within a minute.")
    return redirect("notifications:message", message_id)


def _words_or_none(message: Message) -> Rendered | None:
    """A message that cannot be rendered still has a page: that is where somebody looks for the reason."""
    try:
        return words_of(message)
    except Exception as error:  # noqa: BLE001 - templates and payloads may fail in any way
        logger.warning("Message %s has no preview: %s", message.pk, describe(error))
        return None


def _words_or_404(message: Message) -> Rendered:
    words = _words_or_none(message)
    if words is None:
        raise Http404("This message cannot be displayed.")
    return words


def _preview(message: Message, words: Rendered) -> Preview:
    return move_styles(words.html, stylesheet=reverse("notifications:message-preview-styles", args=[message.pk]))
