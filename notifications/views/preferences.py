"""The reader's own page: which emails, how often. GET only shows; whoever holds the link may change what it shows."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from config.lib.links import opened_by_link, opened_by_program
from notifications.errors import PreferenceLinkNotValid
from notifications.forms import PreferenceForm
from notifications.models import Message
from notifications.services.links import message_of
from notifications.services.preferences import opt_out, preference_of, save_preferences
from notifications.services.rendering import LOCALES, spoken_language

BY_THE_READER = "the reader, by a link from an email"
View = Callable[[HttpRequest, Message], HttpResponse]


def for_the_reader(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the page for whoever holds a valid token, in the language of the email."""

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            message = message_of(token, now=timezone.now())
        except PreferenceLinkNotValid:
            return render(request, "notifications/public/invalid.html", status=404)
        else:
            with translation.override(LOCALES[spoken_language(message.language)]):
                return view(request, message)

    return opened


@opened_by_link
@require_http_methods(["GET", "HEAD", "POST"])
@for_the_reader
def preferences(request: HttpRequest, message: Message) -> HttpResponse:
    language = spoken_language(message.language)
    preference = preference_of(message.addressee)
    form = PreferenceForm(request.POST or None, preference=preference, language=language)
    if request.method == "POST" and form.is_valid():
        save_preferences(addressee=message.addressee, **form.wishes(), by=BY_THE_READER, now=timezone.now())
        return redirect(f"{request.path}?saved")
    context = {"form": form, "message": message, "language": language, "saved": "saved" in request.GET}
    return render(request, "notifications/public/preferences.html", context)


# RFC 8058: the reader's mail program posts here, without a cookie and without having seen the page. The token is the
# right to do it, and all it can do is to stop emails.
@opened_by_program
@require_http_methods(["GET", "HEAD", "POST"])
@for_the_reader
def stop_emails(request: HttpRequest, message: Message) -> HttpResponse:
    if request.method == "POST":
        opt_out(addressee=message.addressee, by=BY_THE_READER, now=timezone.now())
    context = {
        "message": message,
        "language": spoken_language(message.language),
        "stopped": preference_of(message.addressee).opted_out,
        "token": request.path.split("/")[2],
    }
    return render(request, "notifications/public/stop.html", context)
