"""Links by which a supplier answers without a login. The caller of every step here holds the order's lock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from config.lib.tokens import LinkKind, reference_of, stand_in, token_of
from inventory.enums import LinkPurpose
from inventory.errors import NoAddress, SupplierLinkNotValid
from inventory.models import PurchaseOrder, PurchasingSettings, SupplierLink
from inventory.purchasing.locks import locked_order
from notifications.payloads import PurchaseMail, PurchaseMailLine
from notifications.services.outbox import Draft, queue_messages


def send_link(
    *,
    purchase_order: PurchaseOrder,
    purpose: LinkPurpose,
    letter: type[PurchaseMail],
    lines: Sequence[PurchaseMailLine],
    note: str = "",
    by: User | None,
    now: datetime,
) -> SupplierLink:
    """Queue a letter with a new link to the order's supplier. Raises NoAddress where there is nobody to write to."""
    supplier = purchase_order.supplier
    if not supplier.email:
        raise NoAddress(f"{supplier.name} has no e-mail address: enter one, or ask by telephone.")
    link = _write(purchase_order, purpose, sent_to=supplier.email, by=by, now=now)
    payload = letter(
        lines=tuple(lines),
        supplier_name=supplier.name,
        order_number=purchase_order.number,
        deliver_to=purchase_order.warehouse.name,
        answer_url=f"{settings.SITE_URL}{reverse('portal:purchase-order', args=[stand_in(link.reference)])}",
        answer_until=timezone.localdate(link.expires_at).isoformat(),
        note=note,
    )
    draft = Draft(
        payload=payload,
        recipient=supplier.email,
        recipient_name=supplier.name,
        language=supplier.language,
        dedupe_key=link.message_key,
        aggregate=f"purchase-order:{purchase_order.pk}",
        cause=f"{purpose.label}: {purchase_order.number}",
    )
    queue_messages([draft], now=now)
    return link


def link_on_the_page(*, purchase_order: PurchaseOrder, now: datetime) -> str:
    """The token of a new link without a letter: where a supplier lands who has just answered."""
    link = _write(purchase_order, LinkPurpose.RECEIPT, sent_to="", by=None, now=now)
    return token_of(LinkKind.PURCHASE_ORDER, link.reference)


def find_link(token: str, *, now: datetime) -> SupplierLink:
    """The live link of this token. Raises LinkNotValid for every other text, and does not tell why."""
    links = SupplierLink.objects.select_related("purchase_order__supplier", "purchase_order__warehouse")
    link = links.filter(reference=reference_of(LinkKind.PURCHASE_ORDER, token)).first()
    if link is None or not link.is_live(now=now):
        raise SupplierLinkNotValid("This link does not open anything any more.")
    return link


def end_answered_links(*, purchase_order: PurchaseOrder, now: datetime) -> None:
    """One answer uses up every link that was given out before it."""
    SupplierLink.objects.filter(purchase_order=purchase_order).live(now=now).update(answered_at=now)


@transaction.atomic
def revoke_link(*, link_id: int, by: User | None, now: datetime) -> SupplierLink:
    """From now on the link opens nothing. Raises LinkNotValid for one that opens nothing already."""
    order_id = SupplierLink.objects.values_list("purchase_order_id", flat=True).get(pk=link_id)
    locked_order(order_id)
    link = SupplierLink.objects.get(pk=link_id)
    if not link.is_live(now=now):
        raise SupplierLinkNotValid("This link was answered, revoked or has expired: it opens nothing any more.")
    link.revoked_at, link.revoked_by = now, by
    link.save(update_fields=["revoked_at", "revoked_by"])
    return link


def _write(
    purchase_order: PurchaseOrder, purpose: LinkPurpose, *, sent_to: str, by: User | None, now: datetime
) -> SupplierLink:
    reference = uuid4()
    days = PurchasingSettings.objects.values_list("link_days", flat=True).get()
    return SupplierLink.objects.create(
        purchase_order=purchase_order,
        purpose=purpose,
        reference=reference,
        sent_to=sent_to,
        message_key=f"purchase-order:{purchase_order.pk}:{purpose.value}:{reference.hex[:16]}" if sent_to else "",
        made_by=by,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
