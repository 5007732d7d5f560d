"""The customer's page of one order. Looking changes nothing; only a posted form does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backorders.models import DeskSettings
from backorders.queries.tracking_page import tracking_page
from backorders.tracking.phrases import Speaker
from backorders.tracking.telling import told_line, told_parcel
from backorders.tracking.tokens import link_of
from config.lib.links import opened_by_link


@opened_by_link
@require_safe
def order(request: HttpRequest, token: str) -> HttpResponse:
    link = link_of(token, now=timezone.now())
    if link is None:
        return unknown_link(request)
    speaker, page = Speaker(link.order.customer.language), tracking_page(link.order)
    zone = link.order.customer.time_zone
    context = {
        "t": speaker,
        "page": page,
        "order": link.order,
        "company": DeskSettings.objects.get().company_name,
        "title": speaker.say("title", number=link.order.number),
        "placed": speaker.say("placed", day=timezone.localdate(link.order.placed_at)),
        "lines": [told_line(row, speaker, zone=zone) for row in page.lines],
        "parcels": [told_parcel(parcel, speaker, zone=zone) for parcel in page.parcels],
    }
    return render(request, "backorders/tracking/order.html", context)


def unknown_link(request: HttpRequest) -> HttpResponse:
    """One page for every link that opens nothing, in both languages: we cannot know whose it was."""
    speakers = [Speaker("en"), Speaker("de")]
    context = {"speakers": speakers, "company": DeskSettings.objects.get().company_name}
    return render(request, "backorders/tracking/unknown.html", context, status=404)
