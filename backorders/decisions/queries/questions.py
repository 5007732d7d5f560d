"""Questions that wait for an answer, and what their answers may free."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet, Sum

from backorders.enums import Answer, QuestionState
from backorders.models import Decision, OrderLine, Question
from config.lib.periods import Period, Ratio


@dataclass(frozen=True, slots=True)
class Freeable:
    """What the open questions may free: open units of their lines, and of these the ones that stock covers."""

    questions: int
    units: int
    allocated: int


def open_questions() -> QuerySet[Question]:
    return Question.objects.asking().select_related(
        "line__order__customer", "line__product", "substitute__substitute", "asked_by"
    )


def settled_questions() -> QuerySet[Question]:
    return Question.objects.exclude(settled_at=None).select_related(
        "line__order__customer", "line__product", "substitute__substitute", "asked_by"
    )


def freeable_units(*, warehouse_id: int | None = None, product_ids: Collection[int] | None = None) -> Freeable:
    """For a run that is about to start: what it cannot give away yet, but soon may."""
    lines = OrderLine.objects.open().filter(pk__in=Question.objects.asking().values("line"))
    if warehouse_id:
        lines = lines.filter(warehouse=warehouse_id)
    if product_ids is not None:
        lines = lines.filter(product__in=product_ids)
    sums = lines.aggregate(
        questions=Count("pk"),
        units=Sum(F("ordered") - F("shipped") - F("cancelled"), default=0),
        held=Sum("allocated", default=0),
    )
    return Freeable(sums["questions"], sums["units"], sums["held"])


def save_rate(period: Period) -> Ratio:
    """Questions whose answer kept the sale (wait, or a substitute) ÷ questions asked in the period, open ones too."""
    asked = Question.objects.filter(asked_at__gte=period.start, asked_at__lt=period.end)
    asked = asked.exclude(state=QuestionState.WITHDRAWN)
    saved = Decision.objects.filter(
        question__in=asked.values("pk"), answer__in=[Answer.KEEP_WAITING, Answer.SUBSTITUTE]
    )
    return Ratio(saved.values("question").distinct().count(), asked.count())


def questions_of(line_ids: Collection[int]) -> dict[int, list[Question]]:
    """The open questions of some lines."""
    questions: dict[int, list[Question]] = {}
    rows = Question.objects.asking().filter(line__in=list(line_ids)).select_related("substitute__substitute")
    for question in rows.order_by("deadline_at", "pk"):
        questions.setdefault(question.line_id, []).append(question)
    return questions
