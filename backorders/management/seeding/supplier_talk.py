"""What suppliers answered this afternoon by their links: a delay, a split and a refusal wait for the buyer."""

from datetime import timedelta

from backorders.management.seeding.days import Day, working_day_from
from backorders.management.seeding.world import World
from backorders.supply.expedite import expedite_list
from config.lib.tokens import LinkKind, token_of
from inventory.engine.answers import OfferedPart
from inventory.models import PurchaseOrderLine, SupplierLink
from inventory.suppliers.answer import LineAnswer, answer_purchase_order
from inventory.suppliers.ask import SupplierWish, ask_supplier
from inventory.suppliers.requested import asked_days, version_of

REASONS = ("Raw material shortage", "One of two machines is down", "No longer made in this size")


class SupplierTalk:
    def __init__(self, world: World) -> None:
        self.by = world.staff["buyer"]

    def tell(self, day: Day) -> None:
        """The buyer asks about what most customers wait for; three suppliers answer, the last has not yet."""
        rows = expedite_list(now=day.at(17, 12))
        chosen: dict[int, PurchaseOrderLine] = {}
        for row in rows:
            line = row.supply
            if line.purchase_order.supplier.email and line.outstanding > 1:
                chosen.setdefault(line.purchase_order_id, line)
        lines = list(chosen.values())[: len(REASONS) + 1]
        for line in lines:
            wish = SupplierWish(line.pk, note="Customers wait for these goods.")
            ask_supplier(purchase_order_id=line.purchase_order_id, wishes=[wish], by=self.by, now=day.at(17, 14))
        for position, line in enumerate(lines[: len(REASONS)]):
            self._answer(line, position, day)

    def _answer(self, line: PurchaseOrderLine, position: int, day: Day) -> None:
        order = line.purchase_order
        lines = list(order.lines.select_related("product").order_by("number"))
        asked = asked_days(order, lines)
        first = working_day_from(max(asked[line.pk], day.date) + timedelta(days=4))
        later = working_day_from(first + timedelta(days=10))
        half = line.outstanding // 2
        parts = (
            (OfferedPart(line.outstanding, later),),
            (OfferedPart(line.outstanding - half, first), OfferedPart(half, later)),
            (OfferedPart(half, first), OfferedPart(line.outstanding - half, None)),
        )[position]
        answer_purchase_order(
            token=_token(order.pk),
            answers=[LineAnswer(line.pk, parts, REASONS[position])],
            comment="We are sorry and do what we can." if position == 0 else "",
            version=version_of(order, lines, asked),
            now=day.at(17, 20 + position),
        )


def _token(order_id: int) -> str:
    """As the supplier finds it in the newest letter."""
    link = SupplierLink.objects.filter(purchase_order=order_id).latest("pk")
    return token_of(LinkKind.PURCHASE_ORDER, link.reference)
