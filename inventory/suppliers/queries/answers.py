"""What suppliers answered: the buyer's inbox, and the talk about one order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from inventory.enums import AnswerState
from inventory.models import (
    PurchaseOrder,
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierAnswerPart,
    SupplierLink,
    SupplierQuestion,
)


def answer_inbox() -> QuerySet[SupplierAnswer]:
    """Answers with how many of their lines say something, and how many of these wait for a decision."""
    return SupplierAnswer.objects.select_related("purchase_order__supplier").annotate(
        said=Count("lines"), waiting=Count("lines", filter=Q(lines__state=AnswerState.OPEN))
    )


def answers_waiting() -> int:
    """How many answers a buyer has to decide on."""
    waiting = SupplierAnswerLine.objects.open().filter(answer=OuterRef("pk"))
    return SupplierAnswer.objects.filter(Exists(waiting)).count()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One link with what was asked by it and answered to it; `is_live` says whether it still opens the order."""

    link: SupplierLink
    is_live: bool
    answer: SupplierAnswer | None

    @property
    def state(self) -> str:
        if self.answer:
            return "answered"
        if self.link.revoked_at:
            return "revoked"
        if self.link.answered_at:
            return "replaced"
        return "open" if self.is_live else "expired"


def exchanges_of(purchase_order: PurchaseOrder, *, now: datetime) -> list[Exchange]:
    """Newest first. Links that were only shown on a page count once something was said by them."""
    questions = SupplierQuestion.objects.select_related("purchase_order_line__product").order_by("pk")
    lines = SupplierAnswerLine.objects.select_related(
        "purchase_order_line__product", "purchase_order_line__purchase_order", "decided_by"
    ).prefetch_related(Prefetch("parts", SupplierAnswerPart.objects.order_by("available_on", "pk")))
    answers = SupplierAnswer.objects.prefetch_related(Prefetch("lines", lines.order_by("pk")))
    links: Iterable[SupplierLink] = (
        SupplierLink.objects.filter(purchase_order=purchase_order)
        .select_related("made_by", "revoked_by")
        .prefetch_related(Prefetch("questions", questions), Prefetch("answer", answers))
        .order_by("-pk")
    )
    exchanges = [Exchange(link, link.is_live(now=now), getattr(link, "answer", None)) for link in links]
    return [exchange for exchange in exchanges if exchange.answer or exchange.link.sent_to]
