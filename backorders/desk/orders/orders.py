"""Taking an order, looking at it, and what concerns it as a whole."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backorders.decisions.queries.questions import questions_of
from backorders.desk.orders.forms.lines import CancelOrderForm, PickForm, ReturnForm
from backorders.desk.orders.forms.orders import PREFIX, SOURCE, OrderForm, OrderLines, forgive_blanks, with_another_row
from backorders.desk.orders.order_page import OrderPage, order_page
from backorders.desk.orders.order_story import StoryEntry, order_story
from backorders.enums import BackorderReason, OrderStatus
from backorders.errors import ConflictingOrder, OrderRefused
from backorders.fulfilment import ship
from backorders.letters.sendings import Sending, sendings_of
from backorders.models import Question, SalesOrder, TrackingLink
from backorders.orders import cancel
from backorders.orders.intake import place_order
from backorders.orders.preview import LinePreview, preview_order
from backorders.queue.place import standings
from config.lib.numbers import line_value
from config.lib.replies import is_sound, refusals_told
from config.lib.requests import StaffRequest

LONGEST_NUMBER = 18  # digits


@require_http_methods(["GET", "POST"])
@permission_required("backorders.place_order", raise_exception=True)
def new_order(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    if request.method == "GET":
        chosen = {"customer": request.GET.get("customer", "")}
        first = [{"product": request.GET["product"]}] if "product" in request.GET else None
        return _form_page(request, OrderForm(initial=chosen), OrderLines(prefix=PREFIX, initial=first), now=now)
    action = request.POST.get("action", "place")
    data = with_another_row(request.POST) if action == "add-line" else request.POST
    form, lines = OrderForm(data), OrderLines(data, prefix=PREFIX)
    if action != "place":
        return _form_page(request, form, lines, now=now, forgiving=True)
    if form.is_valid() and lines.is_valid() and (order := _place(request, form, lines, now=now)):
        return redirect(order)
    return _form_page(request, form, lines, now=now)


@require_POST
@permission_required("backorders.place_order", raise_exception=True)
def promise_preview(request: StaffRequest) -> HttpResponse:
    """What the form as it stands would be promised; writes nothing."""
    form, lines = OrderForm(request.POST), OrderLines(request.POST, prefix=PREFIX)
    context = _promises(form, lines, now=timezone.now())
    return render(request, "backorders/desk/orders/_promise_preview.html", {"lines": lines, "oob": True} | context)


@require_GET
@permission_required("backorders.view_salesorder", raise_exception=True)
def order(request: StaffRequest, order_id: int) -> HttpResponse:
    order = get_object_or_404(_with_people(), pk=order_id)
    now = timezone.now()
    page = order_page(order, before=_number(request, "before") or 0, line_id=_number(request, "line"))
    places = standings(line_ids=[row.line.pk for row in page.lines if row.line.missing], now=now)
    ahead = SalesOrder.objects.select_related("customer").in_bulk(
        {order_id for place in places.values() for order_id in place.orders_ahead}
    )
    asked = questions_of([row.line.pk for row in page.lines])
    context = {
        "order": order,
        "page": page,
        "earlier_lines": _lines_from(page.earlier),
        "later_lines": _lines_from(page.later),
        "rows": [_row(row, places.get(row.line.pk), ahead, asked.get(row.line.pk, [])) for row in page.lines],
        "events": _events(page),
        "reasons": [choice for choice in BackorderReason.choices if choice[0]],
        "today": timezone.localdate(now),
        "return_form": ReturnForm(),
        "can_cancel": order.is_open and bool(page.cancellable),
        "source_is_desk": order.source == SOURCE,
        "open_links": TrackingLink.objects.filter(order=order).open_at(now).count(),
        "is_done": order.status in (OrderStatus.SHIPPED, OrderStatus.CANCELLED),
    }
    return render(request, "backorders/desk/orders/order.html", context)


@require_POST
@permission_required("backorders.cancel_line", raise_exception=True)
def cancel_order(request: StaffRequest, order_id: int) -> HttpResponse:
    order = get_object_or_404(SalesOrder, pk=order_id)
    form = CancelOrderForm(request.POST)
    if is_sound(request, form):
        with refusals_told(request):
            cancel.cancel_order(order_id=order.pk, by=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, f"Everything open on {order} was cancelled.")
    return redirect(order)


@require_POST
@permission_required("backorders.pick_order", raise_exception=True)
def pick_order(request: StaffRequest, order_id: int) -> HttpResponse:
    """All that is allocated, or only the lines that were ticked."""
    order = get_object_or_404(SalesOrder, pk=order_id)
    form = PickForm(request.POST, line_ids=list(order.lines.values_list("pk", flat=True)))
    if is_sound(request, form):
        with refusals_told(request):
            chosen = form.cleaned_data["lines"] or None
            shipments = ship.pick_order(order_id=order.pk, line_ids=chosen, by=request.user, now=timezone.now())
            messages.success(request, f"On pick list {', '.join(str(shipment) for shipment in shipments)}.")
            return redirect(shipments[0] if len(shipments) == 1 else order)
    return redirect(order)


def _place(request: StaffRequest, form: OrderForm, lines: Any, *, now: datetime) -> SalesOrder | None:
    """The order, or None with the refusal written to the form and to its lines."""
    written = list(lines.written())
    new = form.new_order(tuple(row.new_line for row in written), now=now)
    try:
        order = place_order(order=new, by=request.user, now=now)
    except ConflictingOrder:
        known = SalesOrder.objects.get(source=SOURCE, external_number=new.external_number)
        form.add_error(
            None,
            f"This form was sent before and became {known}; it has other content now. Look at {known}, "
            "or open a new form for another order.",
        )
    except OrderRefused as refusal:
        for number, row in enumerate(written, start=1):
            if reason := refusal.by_line.get(str(number)):
                row.add_error("quantity", reason)
        form.add_error(None, "The order was not saved. Correct the marked lines." if refusal.by_line else str(refusal))
    else:
        messages.success(request, f"{order} is placed.")
        return order
    return None


def _form_page(
    request: StaffRequest, form: OrderForm, lines: Any, *, now: datetime, forgiving: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "lines": lines}
    if form.is_bound:
        context |= _promises(form, lines, now=now)
    if forgiving:
        lines.is_valid()
        for part in (form, *lines.forms):
            forgive_blanks(part)
        lines.non_form_errors().clear()
    return render(request, "backorders/desk/orders/new_order.html", context)


def _promises(form: OrderForm, lines: Any, *, now: datetime) -> dict[str, Any]:
    """The previews of the rows that make sense so far, hung onto them, and what they come to."""
    form.is_valid()
    sound = list(lines.sound())
    customer, warehouse = form.cleaned_data.get("customer"), form.cleaned_data.get("warehouse")
    previews = preview_order(
        lines=[row.new_line for row in sound],
        customer_id=customer.pk if customer else None,
        warehouse_id=warehouse.pk if warehouse else None,
        now=now,
    )
    for row, preview in zip(sound, previews, strict=True):
        row.preview = preview
    whole = form.ship_complete if form.ship_complete is not None else bool(customer and customer.ship_complete)
    return {"total": _total(sound, previews, whole=whole), "customer": customer}


def _total(rows: Sequence[Any], previews: Sequence[LinePreview], *, whole: bool) -> dict[str, Any] | None:
    if not rows:
        return None
    waiting = [preview for preview in previews if preview.missing]
    dates = [preview.promised_on for preview in waiting]
    products = [row.cleaned_data["product"] for row in rows]
    lines = [row.new_line for row in rows]
    prices = [p.price if n.unit_price is None else n.unit_price for p, n in zip(products, lines, strict=True)]
    return {
        "units": sum(preview.open for preview in previews),
        "allocated": sum(preview.allocated for preview in previews),
        "refused": any(preview.refused for preview in previews),
        "last_on": max((day for day in dates if day), default=None),
        "undated": any(day is None for day in dates),
        "whole": whole,
        "value": sum(line_value(n.quantity, price) for n, price in zip(lines, prices, strict=True)),
        "currency": products[0].currency,
    }


def _row(row: Any, place: Any, ahead: Mapping[int, SalesOrder], asked: Sequence[Question]) -> dict[str, Any]:
    return {
        "questions": asked,
        "on_page": row,
        "line": row.line,
        "place": place,
        "ahead": [ahead[order_id] for order_id in place.orders_ahead] if place else [],
        "ahead_more": place.lines_ahead - len(place.orders_ahead) if place else 0,
    }


def _events(page: OrderPage) -> list[dict[str, Any]]:
    story = order_story(page.all_lines)
    sendings = sendings_of(entry.message_key for entry in story)
    return [_event(entry, sendings.get(entry.message_key)) for entry in story]


def _event(entry: StoryEntry, sending: Sending | None) -> dict[str, Any]:
    who = [entry.by, sending.in_words() if sending else ""]
    if sending:
        href = reverse("notifications:message", args=[sending.carrier_id])
    else:
        href = reverse("backorders:run", args=[entry.run_id]) if entry.run_id else ""
    return {
        "at": entry.at,
        "title": entry.title,
        "detail": entry.detail,
        "icon": entry.icon,
        "tone": entry.tone,
        "by": " · ".join(part for part in who if part),
        "href": href,
    }


def _lines_from(before: int | None) -> str:
    return "" if before is None else f"?before={before}#lines-title"


def _number(request: StaffRequest, name: str) -> int | None:
    """What the address says; None where it is no number."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def _with_people() -> QuerySet[SalesOrder]:
    return SalesOrder.objects.select_related("customer__tier", "entered_by")
