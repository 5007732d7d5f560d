"""The emails of the year have been read long ago; the last ones wait for the worker, and one mailbox is no more."""

from django.db.models import Max

from backorders.management.seeding.days import Day
from backorders.management.seeding.world import World
from notifications.models import Message
from notifications.services.replay import Bounce, record_deliveries

REASON = "The server refused the recipient: 550 5.1.1 User unknown"


def deliver_emails(world: World, today: Day) -> None:
    """All but the last ones have been sent, except to the address that was given up a while ago."""
    newest = Message.objects.order_by("-pk").values_list("created_at", flat=True)
    last = newest[world.size.waiting_emails : world.size.waiting_emails + 1]
    before = max((*last, today.at(0)), default=today.at(0))
    record_deliveries(before=before, bounce=_gone_mailbox(world, today))


def _gone_mailbox(world: World, today: Day) -> Bounce | None:
    """That of the customer who was written to last some days ago, so that one email is lost."""
    addresses = Message.objects.order_by().values_list("recipient").annotate(last=Max("created_at"))
    quiet = [(last, address) for address, last in addresses if last < today.at(0)]
    if not quiet:
        return None
    since, address = max(quiet)
    return Bounce(address, since, REASON)
