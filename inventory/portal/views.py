"""The supplier's page of one order. Looking changes nothing; only a posted form does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from config.lib.errors import DomainError
from config.lib.links import opened_by_link
from inventory.enums import INBOUND_STATUSES, LinkPurpose
from inventory.errors import OrderChanged, SupplierLinkNotValid
from inventory.models import PurchaseOrderLine, SupplierAnswerLine, SupplierLink
from inventory.portal.forms import DELIVERIES, AnswerForm, AskedLine
from inventory.portal.phrases import PHRASES
from inventory.suppliers.answer import answer_purchase_order
from inventory.suppliers.links import find_link
from inventory.suppliers.requested import asked_days, open_proposals, open_wishes, version_of
from notifications.services.rendering import company_name
from notifications.services.speaker import Speaker


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line to answer, with its words and fields."""

    line: PurchaseOrderLine
    facts: list[str]
    choice: BoundField
    day: BoundField
    deliveries: list[tuple[str, BoundField, BoundField]]
    reason: BoundField


@opened_by_link
@require_http_methods(["GET", "HEAD", "POST"])
def purchase_order(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        link = find_link(token, now=now)
        speaker = Speaker(PHRASES, link.purchase_order.supplier.language)
        with translation.override(speaker.locale):
            return _answer(request, link, token, speaker) if request.method == "POST" else _page(request, link, speaker)
    except SupplierLinkNotValid:
        return _unknown_link(request)


def _answer(request: HttpRequest, link: SupplierLink, token: str, speaker: Speaker) -> HttpResponse:
    form = _form(link, speaker, request.POST)
    if not form.is_valid():
        return _page(request, link, speaker, form=form, status=422)
    try:
        taken = answer_purchase_order(
            token=token,
            answers=form.answers,
            comment=form.cleaned_data["comment"],
            version=form.cleaned_data["version"],
            now=timezone.now(),
        )
    except SupplierLinkNotValid:
        raise
    except OrderChanged:
        return _page(request, link, speaker, refused=speaker["error_changed"], status=409)
    except DomainError:
        return _page(request, link, speaker, refused=speaker["error_refused"], status=409)
    return redirect("portal:purchase-order", taken.token)


def _page(
    request: HttpRequest,
    link: SupplierLink,
    speaker: Speaker,
    *,
    form: AnswerForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    order = link.purchase_order
    form = form or _form(link, speaker)
    proposals = open_proposals(order)
    context = {
        "t": speaker,
        "company": company_name(),
        "order": order,
        "title": speaker.say("title", number=order.number),
        "for_whom": speaker.say("for", supplier=order.supplier.name),
        "until": speaker.say("answer_until", day=timezone.localdate(link.expires_at)),
        "thanks": _thanks(link, speaker, proposals.values()),
        "refused": refused,
        "form": form,
        "shown": _shown(form, speaker, open_wishes(order), proposals),
        "done": [
            (line, speaker.say("done_line", received=line.received, outstanding=line.outstanding))
            for line in order.lines.select_related("product").order_by("number")
            if not line.outstanding or order.status not in INBOUND_STATUSES
        ],
    }
    return render(request, "inventory/portal/order.html", context, status=status)


def _form(link: SupplierLink, speaker: Speaker, data: object = None) -> AnswerForm:
    order = link.purchase_order
    lines = list(order.lines.select_related("product").order_by("number"))
    asked = asked_days(order, lines)
    to_answer = [line for line in lines if line.outstanding and order.status in INBOUND_STATUSES]
    return AnswerForm(
        data,
        asked=[AskedLine(line, asked[line.pk]) for line in to_answer],
        today=timezone.localdate(),
        say=speaker.say,
        version=version_of(order, lines, asked),
    )


def _shown(
    form: AnswerForm, speaker: Speaker, wishes: Mapping[int, date | None], proposals: dict[int, SupplierAnswerLine]
) -> list[ShownLine]:
    return [
        ShownLine(
            line=asked.line,
            facts=list(_facts(asked, speaker, wishes, proposals.get(asked.line.pk))),
            choice=form[f"choice-{asked.line.pk}"],
            day=form[f"date-{asked.line.pk}"],
            deliveries=[
                (
                    speaker.say("delivery", n=n + 1),
                    form[f"quantity-{asked.line.pk}-{n}"],
                    form[f"day-{asked.line.pk}-{n}"],
                )
                for n in range(DELIVERIES)
            ],
            reason=form[f"reason-{asked.line.pk}"],
        )
        for asked in form.asked
    ]


def _facts(
    asked: AskedLine, speaker: Speaker, wishes: Mapping[int, date | None], proposal: SupplierAnswerLine | None
) -> Iterable[str]:
    line = asked.line
    yield speaker.say("units", units=line.outstanding, unit=line.product.unit)
    if line.confirmed_on:
        yield speaker.say("confirmed", day=line.confirmed_on)
    else:
        yield speaker.say("asked", day=asked.asked_on)
    if line.pk in wishes:
        wished_on = wishes[line.pk]
        yield speaker.say("wish", day=wished_on) if wished_on else speaker["wish_any"]
    if proposal:
        said = ", ".join(
            speaker.say("part", units=part.quantity, day=part.available_on)
            if part.available_on
            else speaker.say("part_never", units=part.quantity)
            for part in proposal.parts.all()
        )
        yield speaker.say("you_said", said=said)


def _thanks(link: SupplierLink, speaker: Speaker, proposals: Iterable[SupplierAnswerLine]) -> str:
    """Only on the page that an answer leads to."""
    if link.purpose != LinkPurpose.RECEIPT:
        return ""
    return speaker["thanks_proposed"] if list(proposals) else speaker["thanks"]


def _unknown_link(request: HttpRequest) -> HttpResponse:
    """One page for every link that opens nothing, in both languages: we cannot know whose it was."""
    speakers = [Speaker(PHRASES, language) for language in PHRASES]
    context = {"shell": "inventory/portal/_shell.html", "speakers": speakers, "company": company_name()}
    return render(request, "_components/unknown_link.html", context, status=404)
