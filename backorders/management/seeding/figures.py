"""What the story has come to, in the figures that the dashboard shows."""

from datetime import date
from typing import Any

from django.db.models import Count, F, Sum

from backorders.models import AllocationRun, LineEvent, OrderLine, PoolBlock, Promise, SalesOrder, Shipment
from customers.models import Customer
from inventory.models import Product, PurchaseOrder, Receipt, StockEntry, Supplier
from notifications.models import Message


def story_figures(*, changed: bool, today: date) -> dict[str, Any]:
    """Counts, the states that the lines, orders, purchase orders and emails are in, and what waits for somebody."""
    backorders = OrderLine.objects.backordered()
    return {
        "changed": changed,
        "products": Product.objects.count(),
        "customers": Customer.objects.count(),
        "suppliers": Supplier.objects.count(),
        "orders": _by(SalesOrder.objects.all(), "status"),
        "lines": _by(OrderLine.objects.all(), "status"),
        "open_backorders": backorders.count(),
        "open_units": backorders.aggregate(units=Sum(F("ordered") - F("shipped") - F("cancelled"), default=0))["units"],
        "reasons": _by(backorders, "reason"),
        "promise_sources": _by(backorders, "promise_source"),
        "purchase_orders": _by(PurchaseOrder.objects.all(), "status"),
        "receipts": Receipt.objects.count(),
        "stock_entries": _by(StockEntry.objects.all(), "kind"),
        "shipments": _by(Shipment.objects.all(), "status"),
        "runs": _by(AllocationRun.objects.all(), "kind"),
        "events": LineEvent.objects.count(),
        "promises": Promise.objects.count(),
        "emails": _by(Message.objects.all(), "status"),
        "without_date": backorders.filter(promised_on=None).count(),
        "late_purchase_orders": PurchaseOrder.objects.late(today=today).count(),
        "runs_awaiting_approval": AllocationRun.objects.awaiting().count(),
        "blocked_pools": PoolBlock.objects.unsettled().count(),
    }


def _by(rows: Any, field: str) -> dict[str, int]:
    return dict(rows.order_by(field).values_list(field).annotate(Count("pk")))
