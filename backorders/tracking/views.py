"""The customer's page of one order. Looking changes nothing; only a posted form does."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backorders.decisions import decide as decisions
from backorders.decisions.calendars import local_day
from backorders.decisions.forms import CustomerDecisionForm
from backorders.decisions.refunds import profile_of, refund_terms
from backorders.enums import Answer, DecidedBy
from backorders.errors import DecisionRefused, StaleForm
from backorders.models import DeskSettings, TrackingLink
from backorders.tracking.phrases import PHRASES
from backorders.tracking.queries import tracking_page
from backorders.tracking.telling import told_line, told_parcel
from backorders.tracking.tokens import link_of
from config.lib.links import opened_by_link
from notifications.services.speaker import Speaker


@opened_by_link
@require_safe
def order(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    link = link_of(token, now=now)
    if link is None:
        return _unknown_link(request)
    done = request.GET.get("done", "")
    return _page(request, link, token, now=now, message=f"done_{done}" if done in Answer.values else "")


@opened_by_link
@require_POST
def decide(request: HttpRequest, token: str) -> HttpResponse:
    """One decision about one line of the link's order. What is refused changes nothing and says why."""
    now = timezone.now()
    link = link_of(token, now=now)
    if link is None:
        return _unknown_link(request)
    form = CustomerDecisionForm(request.POST)
    lines = link.order.lines.values_list("pk", flat=True)
    if not form.is_valid() or form.cleaned_data["line"] not in lines:
        return _page(request, link, token, now=now, message="refused_form", status=400)
    chosen = form.cleaned_data
    decider = decisions.Decider(DecidedBy.CUSTOMER, link_id=link.pk)
    try:
        decisions.decide(
            line_id=chosen["line"],
            answer=Answer(chosen["answer"]),
            question_id=chosen["question"],
            units=chosen["units"],
            seen_open=chosen["open"],
            key=chosen["key"],
            decider=decider,
            now=now,
        )
    except DecisionRefused as refusal:
        return _page(request, link, token, now=now, message=f"refused_{refusal.code}", status=409)
    except StaleForm:
        return _page(request, link, token, now=now, message="refused_changed", status=409)
    response = redirect("tracking:order", token)
    response.status_code = 303
    response.headers["Location"] += f"?done={chosen['answer']}"
    return response


def _page(
    request: HttpRequest, link: TrackingLink, token: str, *, now: datetime, message: str = "", status: int = 200
) -> HttpResponse:
    order = link.order
    speaker, page = Speaker(PHRASES, order.customer.language), tracking_page(order, now=now)
    zone = order.customer.time_zone
    terms = refund_terms(profile_of(order), vested_on=local_day(now, zone))
    desk = DeskSettings.objects.get()
    context = {
        "t": speaker,
        "page": page,
        "order": order,
        "token": token,
        "told": speaker[message] if message else "",
        "told_badly": status != 200,
        "company": desk.company_name,
        "title": speaker.say("title", number=order.number),
        "placed": speaker.say("placed", day=local_day(order.placed_at, zone)),
        "lines": [
            told_line(row, speaker, zone=zone, refund_on=terms.due_on, names_causes=desk.names_causes)
            for row in page.lines
        ],
        "parcels": [told_parcel(parcel, speaker, zone=zone) for parcel in page.parcels],
        "ship_now": {"answer": Answer.SHIP_NOW},
        "cancel_all_choice": {"answer": Answer.CANCEL_ALL},
        "cancel_all": speaker.say("sure_cancel_all", day=terms.due_on),
    }
    return render(request, "backorders/tracking/order.html", context, status=status)


def _unknown_link(request: HttpRequest) -> HttpResponse:
    """One page for every link that opens nothing, in both languages: we cannot know whose it was."""
    context = {
        "shell": "backorders/tracking/_shell.html",
        "speakers": [Speaker(PHRASES, language) for language in PHRASES],
        "company": DeskSettings.objects.get().company_name,
    }
    return render(request, "_components/unknown_link.html", context, status=404)
