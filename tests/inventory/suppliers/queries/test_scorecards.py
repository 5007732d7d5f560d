"""Suppliers are measured by their first word: editing a date, splitting and cancelling change nothing of it."""

from datetime import date

import pytest

from backorders.models import Promise
from inventory.engine.scores import counted_median, counted_quantile
from inventory.models import PurchaseOrderLine
from inventory.purchasing.close import cancel_purchase_line
from inventory.purchasing.dates import change_confirmed_date
from inventory.purchasing.receive import receive_purchase_order
from inventory.purchasing.split import split_purchase_line
from inventory.suppliers.decide import AnswerDecision, AnswerVerdict, decide_on_answer
from inventory.suppliers.queries.scorecards import last_months, scorecard_by_month, scorecards
from tests.factories.backorders import order_for
from tests.factories.inventory import MONDAY, PurchaseOrderLineFactory, SupplierFactory
from tests.inventory.conversation import ASKED, DAY, HOUR, LATER, answer, lines_of, says, sent_order

pytestmark = pytest.mark.django_db
TODAY = date(2025, 12, 15)


def arrive(line, units, day):
    at = MONDAY + (day - MONDAY.date())
    receive_purchase_order(
        purchase_order_id=line.purchase_order_id, reference=f"DN-{day}-{line.pk}", quantities={line.pk: units}, by=None,
        now=at,
    )  # fmt: skip


def confirmed(units=10, *, supplier=None, first_on=ASKED):
    values = {"purchase_order__supplier": supplier} if supplier else {}
    return PurchaseOrderLineFactory(ordered=units, confirmed_on=first_on, **values)


def card_of(line, today=TODAY):
    supplier_id = line.purchase_order.supplier_id
    return scorecards([supplier_id], today=today)[supplier_id]


@pytest.mark.parametrize(
    ("arrivals", "kept"),
    [
        ([(10, ASKED)], 1),
        ([(4, ASKED - DAY), (6, ASKED)], 1),
        ([(4, ASKED - DAY), (6, ASKED + DAY)], 0),
        ([(9, ASKED)], 0),
        ([(10, LATER)], 0),
        ([], 0),
    ],
)
def test_a_line_is_kept_when_all_of_it_came_by_the_first_date(arrivals, kept):
    line = confirmed(10)
    for units, day in arrivals:
        arrive(line, units, day)

    card = card_of(line)

    assert (card.due, card.kept) == (1, kept)


def test_a_line_whose_day_has_not_come_is_not_counted():
    line = confirmed(10)

    assert (card_of(line, today=ASKED).due, card_of(line, today=ASKED + DAY).due) == (0, 1)


def test_editing_a_confirmed_date_leaves_the_record_and_every_promise_untouched():
    line = confirmed(10)
    order_for({line.product: 4}, now=MONDAY)
    change_confirmed_date(line_id=line.pk, new_on=LATER, reason="Strike", by=None, now=MONDAY + HOUR)
    before = list(Promise.objects.order_by("pk").values())
    arrive(line, 10, LATER)

    card = card_of(line)

    line.refresh_from_db()
    assert (line.first_confirmed_on, card.in_full, card.on_time, card.bias) == (ASKED, 0.0, 0.0, 10)
    assert card.changes == 1
    assert list(Promise.objects.order_by("pk").values())[: len(before)] == before


def test_splitting_a_line_leaves_one_line_that_was_not_kept():
    line = confirmed(10)
    split_purchase_line(line_id=line.pk, quantity=4, new_on=LATER, reason="", by=None, now=MONDAY)
    arrive(line, 6, ASKED)
    arrive(PurchaseOrderLine.objects.get(split_from=line), 4, LATER)

    card = card_of(line)

    assert (card.due, card.kept, sorted(card.delays.elements())) == (1, 0, [0, 10])


def test_both_parts_in_time_keep_the_line():
    line = confirmed(10)
    split_purchase_line(line_id=line.pk, quantity=4, new_on=ASKED, reason="", by=None, now=MONDAY)
    arrive(line, 6, ASKED)
    arrive(PurchaseOrderLine.objects.get(split_from=line), 4, ASKED)

    assert card_of(line).in_full == 1.0


def test_what_we_cancelled_was_not_wanted_and_what_they_refused_was():
    ours, theirs, all_ours = confirmed(10), confirmed(10), confirmed(10)
    for line, units, rejected in ((ours, 4, False), (theirs, 4, True), (all_ours, 10, False)):
        cancel_purchase_line(line_id=line.pk, quantity=units, rejected=rejected, by=None, now=MONDAY)
    for line in (ours, theirs):
        arrive(line, 6, ASKED)

    assert [(card.due, card.kept) for card in map(card_of, (ours, theirs, all_ours))] == [(1, 1), (1, 0), (0, 0)]


def test_the_first_answer_is_timed_from_the_sending():
    order = sent_order(10)
    answer(order, comment="We look into it", now=MONDAY + 36 * HOUR)

    card = scorecards([order.supplier_id], today=TODAY)[order.supplier_id]

    assert (card.answered, card.answer_days) == (1, 1.5)


def test_a_delay_accepted_from_the_portal_is_a_date_change():
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))
    given = answer(order, says(lines_of(order)[0], (10, LATER), reason="Strike")).answer
    decide_on_answer(
        answer_id=given.pk,
        decisions=[AnswerDecision(given.lines.get().pk, AnswerVerdict.ACCEPT)],
        by=None,
        now=MONDAY + 2 * HOUR,
    )

    card = scorecards([order.supplier_id], today=TODAY)[order.supplier_id]

    assert (card.changes, card.due, card.kept) == (1, 1, 0)


def test_of_nothing_there_is_no_figure():
    card = scorecards([SupplierFactory().pk], today=TODAY).popitem()[1]

    assert (card.on_time, card.in_full, card.bias, card.spread, card.answer_days) == (None,) * 5


def test_the_months_are_the_last_twelve_and_each_has_its_own_figures():
    supplier = SupplierFactory()
    for first_on, late in ((date(2025, 11, 17), 3), (date(2025, 12, 8), 0)):
        line = confirmed(10, supplier=supplier, first_on=first_on)
        arrive(line, 10, first_on + late * DAY)
    old = confirmed(10, supplier=supplier, first_on=date(2024, 12, 20))
    arrive(old, 5, date(2025, 11, 3))

    months = scorecard_by_month(supplier.pk, today=TODAY)

    assert [month for month, _ in months] == last_months(TODAY)
    assert (months[0][0], months[-1][0]) == (date(2025, 1, 1), date(2025, 12, 1))
    assert [(card.due, card.kept, card.n) for _, card in months[-2:]] == [(1, 0, 2), (1, 1, 1)]
    assert sum(card.due for _, card in months) == scorecards([supplier.pk], today=TODAY)[supplier.pk].due


@pytest.mark.parametrize(
    ("values", "p25", "p50", "p75"),
    [([], None, None, None), ([3], 3, 3, 3), ([1, 2, 3, 4], 1, 2, 3), ([0, 0, 0, 9], 0, 0, 0)],
)
def test_quantiles_of_counted_values_are_by_nearest_rank(values, p25, p50, p75):
    counts = {value: values.count(value) for value in values}

    assert [counted_quantile(counts, percent) for percent in (25, 50, 75)] == [p25, p50, p75]


@pytest.mark.parametrize(("values", "median"), [([], None), ([3], 3), ([1, 2], 2), ([0, 0, 0, 9], 0), ([-2, 9], 9)])
def test_of_two_middle_delays_the_later_counts(values, median):
    assert counted_median({value: values.count(value) for value in values}) == median
