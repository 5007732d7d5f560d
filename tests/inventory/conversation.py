"""What the tests of the talk with suppliers share: an order that was sent, and answers by its newest letter."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from config.lib.tokens import with_tokens
from inventory.engine.answers import OfferedPart
from inventory.models import PurchaseOrder, PurchaseOrderLine
from inventory.purchasing.order import NewPurchaseLine, create_purchase_order
from inventory.suppliers.answer import AnswerTaken, LineAnswer, answer_purchase_order
from inventory.suppliers.requested import asked_days, version_of
from inventory.suppliers.send import send_purchase_order
from notifications.models import Message
from tests.factories.inventory import MONDAY, ProductFactory, SupplierFactory, WarehouseFactory

ASKED = date(2025, 11, 17)
LATER = date(2025, 11, 27)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def sent_order(*quantities: int, now: datetime = MONDAY, asked_on: date | None = ASKED, **supplier) -> PurchaseOrder:
    """An order of one product per quantity, wanted by 17 November; the supplier has its letter."""
    order = create_purchase_order(
        supplier_id=SupplierFactory(**supplier).pk,
        warehouse_id=WarehouseFactory().pk,
        lines=[NewPurchaseLine(ProductFactory().pk, units, asked_on) for units in quantities or (10,)],
        by=None,
        now=now,
    )
    return send_purchase_order(purchase_order_id=order.pk, by=None, now=now)


def newest_token(order: PurchaseOrder) -> str:
    letter = Message.objects.filter(aggregate=f"purchase-order:{order.pk}").latest("pk")
    stored = letter.context["answer_url"]
    return with_tokens(stored, own=[stored]).rstrip("/").rpartition("/")[2]


def lines_of(order: PurchaseOrder) -> list[PurchaseOrderLine]:
    return list(order.lines.select_related("product", "purchase_order").order_by("number"))


def version(order: PurchaseOrder) -> str:
    order = PurchaseOrder.objects.select_related("supplier").get(pk=order.pk)
    lines = lines_of(order)
    return version_of(order, lines, asked_days(order, lines))


def says(line: PurchaseOrderLine, *parts: tuple[int, date | None], reason: str = "") -> LineAnswer:
    return LineAnswer(line.pk, tuple(OfferedPart(*part) for part in parts), reason)


def answer(
    order: PurchaseOrder, *answers: LineAnswer, now: datetime = MONDAY + HOUR, token: str = "", comment: str = ""
) -> AnswerTaken:
    return answer_purchase_order(
        token=token or newest_token(order), answers=answers, comment=comment, version=version(order), now=now
    )


def dates(order: PurchaseOrder) -> list[tuple[int, date | None, date | None]]:
    """By line: units ordered, the day confirmed first, the day confirmed now."""
    return [(line.ordered, line.first_confirmed_on, line.confirmed_on) for line in lines_of(order)]


def letters(order: PurchaseOrder) -> Sequence[str]:
    found = Message.objects.filter(aggregate=f"purchase-order:{order.pk}").order_by("pk")
    return list(found.values_list("kind", flat=True))
