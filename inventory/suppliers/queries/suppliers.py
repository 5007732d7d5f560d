"""How suppliers keep their word: open orders, late lines, and receipts against the first date that was confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Lower, TruncDate

from inventory.enums import INBOUND_STATUSES
from inventory.models import PurchaseOrder, PurchaseOrderLine, ReceiptLine, Supplier

# Days after the first confirmed date (negative: before it), as the chart groups them.
ARRIVAL_GROUPS = (
    ("8+ early", -100_000, -8),
    ("1–7 early", -7, -1),
    ("on the day", 0, 0),
    ("1–3 late", 1, 3),
    ("4–7 late", 4, 7),
    ("8–14 late", 8, 14),
    ("15+ late", 15, 100_000),
)


@dataclass(frozen=True, slots=True)
class SupplierFigures:
    open_lines: int = 0
    late_lines: int = 0


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Receipt lines against the first confirmed date of their order line. Nothing received gives None, never 0 %."""

    n: int
    on_time: float | None
    median_days: int | None
    groups: list[tuple[str, int]]


def suppliers_by_code() -> QuerySet[Supplier]:
    """Suppliers as the list shows them; `code_key` is what they are paged by."""
    return Supplier.objects.annotate(code_key=Lower("code"))


def open_lines_of(supplier_ids: Iterable[int], *, today: date) -> dict[int, SupplierFigures]:
    ids = list(supplier_ids)
    lines = PurchaseOrderLine.objects.inbound().with_expected_on().filter(purchase_order__supplier__in=ids)
    rows = lines.values(supplier_id=F("purchase_order__supplier_id")).annotate(
        lines=Count("pk"), late=Count("pk", filter=Q(expected_on__lt=today))
    )
    by_supplier = {row["supplier_id"]: SupplierFigures(row["lines"], row["late"]) for row in rows}
    return {pk: by_supplier.get(pk, SupplierFigures()) for pk in ids}


def late_lines(supplier_id: int, *, today: date) -> list[PurchaseOrderLine]:
    """Open lines whose day has passed, the longest overdue first."""
    lines = PurchaseOrderLine.objects.inbound().with_expected_on().filter(purchase_order__supplier=supplier_id)
    overdue = lines.filter(expected_on__lt=today).select_related("product", "purchase_order")
    return list(overdue.order_by("expected_on", "pk"))


def open_orders(supplier: Supplier) -> QuerySet[PurchaseOrder]:
    """The supplier's orders on their way, the latest first."""
    return supplier.purchase_orders.filter(status__in=INBOUND_STATUSES).select_related("warehouse").order_by("-pk")


def punctuality(supplier_id: int) -> Punctuality:
    """Over every receipt line of the supplier whose order line was confirmed; one receipt line is one observation."""
    first_on = F("purchase_order_line__first_confirmed_on")
    lines = ReceiptLine.objects.filter(
        receipt__purchase_order__supplier=supplier_id, purchase_order_line__first_confirmed_on__isnull=False
    ).annotate(arrived_on=TruncDate("receipt__received_at"))
    counted = lines.values(
        late_by=ExpressionWrapper(F("arrived_on") - first_on, output_field=DurationField())
    ).annotate(times=Count("pk"))
    days = sorted((row["late_by"].days, row["times"]) for row in counted)
    n = sum(times for _, times in days)
    return Punctuality(
        n=n,
        on_time=sum(times for day, times in days if day <= 0) / n if n else None,
        median_days=_median(days, n),
        groups=[(label, sum(t for day, t in days if least <= day <= most)) for label, least, most in ARRIVAL_GROUPS],
    )


def _median(days: list[tuple[int, int]], n: int) -> int | None:
    """The middle observation; of two middle ones the later, since it is a delay that people plan with."""
    seen = 0
    for day, times in days:
        seen += times
        if seen > n // 2:
            return day
    return None
