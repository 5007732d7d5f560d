"""How an order stands between us and its supplier: what we ask for, line by line, and whether that has changed."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from inventory.enums import AnswerState
from inventory.models import PurchaseOrder, PurchaseOrderLine, SupplierAnswerLine, SupplierQuestion


def asked_days(purchase_order: PurchaseOrder, lines: Iterable[PurchaseOrderLine]) -> dict[int, date]:
    """The day by which we want each line: of an unanswered question, else confirmed, else requested.

    Where nobody has named a day yet it is the one that promises count on: the order's day and the supplier's lead time.
    """
    wished = open_wishes(purchase_order)
    days = {}
    for line in lines:
        day = wished.get(line.pk) or line.confirmed_on or line.requested_on
        if day is None and purchase_order.ordered_on:
            day = purchase_order.ordered_on + timedelta(days=purchase_order.supplier.lead_time_days)
        if day is not None:
            days[line.pk] = day
    return days


def open_wishes(purchase_order: PurchaseOrder) -> dict[int, date | None]:
    """By line, the day of our newest question, unless the supplier has answered for that line since."""
    answered = dict(
        SupplierAnswerLine.objects.filter(answer__purchase_order=purchase_order)
        .order_by("purchase_order_line", "-pk")
        .distinct("purchase_order_line")
        .values_list("purchase_order_line_id", "answer__made_at")
    )
    questions = (
        SupplierQuestion.objects.filter(link__purchase_order=purchase_order)
        .order_by("purchase_order_line", "-pk")
        .distinct("purchase_order_line")
        .values_list("purchase_order_line_id", "wished_on", "link__made_at", "link__revoked_at")
    )
    return {
        line_id: wished_on
        for line_id, wished_on, asked_at, revoked_at in questions
        if revoked_at is None and (line_id not in answered or answered[line_id] < asked_at)
    }


def open_proposals(purchase_order: PurchaseOrder) -> dict[int, SupplierAnswerLine]:
    """The proposals that a buyer has to decide on, by line of the order."""
    proposals = SupplierAnswerLine.objects.filter(
        answer__purchase_order=purchase_order, state=AnswerState.OPEN
    ).prefetch_related("parts")
    return {proposal.purchase_order_line_id: proposal for proposal in proposals}


def version_of(purchase_order: PurchaseOrder, lines: Iterable[PurchaseOrderLine], asked: Mapping[int, date]) -> str:
    """Changes whenever an answer given to an earlier state would mean something else."""
    facts = [purchase_order.status]
    facts += [
        f"{line.pk}:{line.outstanding}:{line.confirmed_on}:{asked.get(line.pk)}"
        for line in sorted(lines, key=lambda line: line.pk)
    ]
    return hashlib.sha256("|".join(facts).encode()).hexdigest()[:16]
