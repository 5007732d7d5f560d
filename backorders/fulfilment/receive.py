"""Goods arrive: book them, then serve who waits for them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.contrib.auth.models import User

from backorders.enums import RunKind
from backorders.models import AllocationRun, OrderLine, QueueState
from backorders.runs.allocate_stock import allocate_afterwards
from backorders.runs.overrides.pegs import honour_pegs
from backorders.runs.shard_tries import products_given_up
from config.lib.bulk import any_of
from inventory.models import PurchaseOrderLine, Receipt, StockLevel
from inventory.purchasing.receive import receive_purchase_order


def receive_goods(
    *, purchase_order_id: int, reference: str, quantities: Mapping[int, int], by: User | None, now: datetime
) -> Receipt:
    """Book a delivery, give pegged goods to their lines and run the queues of what arrived.

    The receipt is committed first, whatever becomes of the rest.

    Raises what `receive_purchase_order` raises.
    """
    receipt = receive_purchase_order(
        purchase_order_id=purchase_order_id, reference=reference, quantities=dict(quantities), by=by, now=now
    )
    arrived = PurchaseOrderLine.objects.filter(receipt_lines__receipt=receipt)
    honour_pegs(purchase_line_ids=list(arrived.values_list("pk", flat=True)), now=now)
    products = arrived.values_list("product_id", flat=True)
    serve_arrivals(product_ids=set(products), cause=f"Receipt {receipt.reference}", by=by, now=now)
    return receipt


def serve_arrivals(*, product_ids: Collection[int], cause: str, by: User | None, now: datetime) -> AllocationRun | None:
    """Run the queues of products that came in; None where nothing of them is free."""
    free = StockLevel.objects.filter(product_id__in=product_ids).with_free_units().values_list("product_id", flat=True)
    if not free:
        return None
    return allocate_afterwards(kind=RunKind.RECEIPT, product_ids=set(free), cause=cause, by=by, now=now)


def serve_free_stock(*, now: datetime) -> AllocationRun | None:
    """Run the queues of products that have free units and lines waiting for them since supply or queue changed.

    The sweep behind every receipt, cancellation and count whose own run did not come about. The products are fetched
    first: where the planner has no statistics yet, one statement over both looks each product up for every line.
    What a run gave up lately is left to a person, a receipt or the next night.
    """
    due = list(QueueState.objects.due_to_be_served().values_list("product_id", flat=True))
    waiting = OrderLine.objects.waiting().filter(any_of("product_id", due)).values_list("product_id", flat=True)
    return serve_arrivals(
        product_ids=set(waiting) - products_given_up(now=now), cause="Free units found", by=None, now=now
    )
