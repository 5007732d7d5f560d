"""Two answers at the same moment: one is carried out, the other is told of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backorders.decisions.decide import Decider, decide
from backorders.decisions.questions import ask, decide_by_silence
from backorders.enums import Answer, DecidedBy, QuestionKind
from backorders.models import Decision, OrderLine, Question, RefundTask, TrackingLink
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, StockLevelFactory
from tests.kit.threads import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> OrderLine:
    return order_for({StockLevelFactory(on_hand=3).product: 5}).lines.get()


def answer(line: OrderLine, which: Answer, key: str, question: Question | None = None) -> Callable:
    decider = Decider(DecidedBy.CUSTOMER, link_id=TrackingLink.objects.filter(order=line.order_id)[0].pk)
    question_id = question.pk if question else None

    def act():
        return decide(
            line_id=line.pk,
            answer=which,
            decider=decider,
            key=key,
            question_id=question_id,
            seen_open=5,
            now=MONDAY + timedelta(hours=1),
        )

    return act


def test_one_form_sent_three_times_is_one_cancellation(line):
    outcomes = at_the_same_time(*[answer(line, Answer.CANCEL_REST, "one-key")] * 3)

    line.refresh_from_db()
    assert {outcome.pk for outcome in outcomes} == {Decision.objects.get().pk}
    assert (line.cancelled, RefundTask.objects.count()) == (5, 1)


def test_of_two_answers_one_wins_and_the_other_is_told(line):
    question = ask(line_id=line.pk, kind=QuestionKind.WAIT, by=None, now=MONDAY)

    outcomes = at_the_same_time(
        answer(line, Answer.KEEP_WAITING, "a", question), answer(line, Answer.CANCEL_REST, "b", question)
    )

    assert sorted(isinstance(outcome, Decision) for outcome in outcomes) == [False, True]
    line.refresh_from_db()
    assert line.cancelled == (5 if Decision.objects.get().answer == Answer.CANCEL_REST else 0)


def test_an_answer_and_silence_meet_and_the_line_is_decided_once(line):
    question = ask(line_id=line.pk, kind=QuestionKind.WAIT, default=Answer.CANCEL_UNITS, by=None, now=MONDAY)

    at_the_same_time(
        answer(line, Answer.KEEP_WAITING, "a", question),
        lambda: decide_by_silence(now=question.deadline_at),
        lambda: decide_by_silence(now=question.deadline_at),
    )

    assert Decision.objects.count() == 1
    question.refresh_from_db()
    assert question.state in ("answered", "defaulted")
