"""What staff do with the links to a customer's page: send a fresh one, or close all that are out."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from backorders.enums import EventKind
from backorders.errors import NobodyToTell
from backorders.letters.letters import tell_customers
from backorders.letters.timeline import Event, record_events
from backorders.models import OrderLine, SalesOrder, TrackingLink
from notifications.payloads import TrackingLinkSent


@transaction.atomic
def revoke_links(*, order_id: int, by: User | None, now: datetime) -> int:
    """Close every open link to the order; returns how many. They open the page of an unknown link from now on."""
    SalesOrder.objects.locked().get(pk=order_id)
    return TrackingLink.objects.filter(order=order_id).open_at(now).update(revoked_at=now, revoked_by=by)


@transaction.atomic
def send_link(*, order_id: int, by: User | None, now: datetime) -> None:
    """Write to the customer with a fresh link. Raises NobodyToTell when there is no address."""
    order = SalesOrder.objects.select_related("customer").locked().get(pk=order_id)
    if not order.customer.email:
        raise NobodyToTell(f"{order.customer} has no email address.")
    units = dict(OrderLine.objects.filter(order=order).order_by("number").values_list("pk", "ordered"))
    fact = f"link:{TrackingLink.objects.filter(order=order).count()}"
    keys = tell_customers(TrackingLinkSent, news=units, fact=fact, cause="Tracking link sent again", now=now)
    first = next(iter(units))
    record_events([Event(first, EventKind.LINK_SENT, message_key=keys[first])], now=now, by=by)
