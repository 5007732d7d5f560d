"""What customers are asked and decide, which substitutes are approved, and the notices that the law asks for."""

from datetime import datetime, timedelta
from itertools import groupby

from backorders.decisions.decide import Decider, decide
from backorders.decisions.questions import ask
from backorders.decisions.refunds import record_refund
from backorders.decisions.substitutes import offers_for
from backorders.delays.cases import watch_delays
from backorders.enums import Answer, DecidedBy, QuestionKind, RefundMethod
from backorders.management.seeding.days import Day
from backorders.management.seeding.world import World
from backorders.models import OrderLine, Question, RefundTask, TrackingLink
from config.lib.errors import DomainError
from inventory.models import Product, Substitute

ASKED = 6


class CustomersSide:
    """The last day of the story as the customers see it."""

    def __init__(self, world: World) -> None:
        self.by = world.staff["desk"]
        self.buyer = world.staff["buyer"]

    def approve_substitutes(self, now: datetime) -> None:
        """In each category the two products that follow each other by SKU stand in for one another."""
        products = Product.objects.active().exclude(category=None).order_by("category", "sku")
        for _, group in groupby(products, key=lambda product: product.category_id):
            first, *others = list(group)
            if others:
                Substitute.objects.create(product=first, substitute=others[0], approved_by=self.buyer, approved_at=now)

    def decide(self, day: Day) -> None:
        """Some customers are asked; one keeps waiting, two cancel, and one gets the money back the same day."""
        self.approve_substitutes(day.at(9, 30))
        lines = OrderLine.objects.waiting().filter(allocated=0).exclude(order__customer__email="")
        lines = lines.filter(placed_at__lt=day.at(0) - timedelta(days=3))
        questions: list[Question] = []
        for line in lines.select_related("order", "product").order_by("placed_at", "order__external_number", "number"):
            if len(questions) == ASKED:
                break
            questions += self._asked(line, day.at(16, 52))
        answers = (Answer.KEEP_WAITING, Answer.CANCEL_REST, Answer.CANCEL_REST)
        for position, (question, answer) in enumerate(zip(questions, answers, strict=False)):
            self._answered(question, answer, f"demo-{position}", day.at(17, 1))
        if refund := RefundTask.objects.open().order_by("due_on", "pk").first():
            record_refund(
                refund_id=refund.pk,
                method=RefundMethod.AS_PAID,
                amount=refund.amount,
                sent_on=day.date,
                by=self.by,
                now=day.at(17, 4),
            )
        watch_delays(now=day.at(17, 6))

    def _asked(self, line: OrderLine, now: datetime) -> list[Question]:
        offers = [offer for offer in offers_for(line) if offer.free >= offer.units]
        kind = QuestionKind.SUBSTITUTE if offers else QuestionKind.WAIT
        chosen = offers[0].substitute.pk if offers else None
        try:
            return [ask(line_id=line.pk, kind=kind, by=self.by, now=now, substitute_id=chosen)]
        except DomainError:  # another one is asked instead
            return []

    def _answered(self, question: Question, answer: Answer, key: str, now: datetime) -> None:
        link = TrackingLink.objects.filter(order=question.line.order_id).order_by("-pk").first()
        decider = Decider(DecidedBy.CUSTOMER, link_id=link.pk if link else None)
        decide(line_id=question.line_id, answer=answer, decider=decider, key=key, question_id=question.pk, now=now)
