from datetime import date

from inventory.engine.foretelling import Rolling, foretell_all, loss, months
from inventory.engine.lead_times import QUANTILES
from inventory.engine.learning import LEANINGS, History
from tests.inventory.engine.deliveries import delivery, two_suppliers

FIRST = date(2024, 1, 1).toordinal()
YEAR = [FIRST + 30 * month for month in range(14)]


def moved(deliveries):
    return [
        d._replace(known_on=d.known_on + FIRST, counted_from=d.counted_from + FIRST, received_on=d.received_on + FIRST)
        for d in deliveries
    ]


def foretold(deliveries, rolling=None):
    history = History(sorted(deliveries, key=lambda d: d.known_on))
    return [one for _, said in foretell_all(history, YEAR, until=FIRST + 1000, rolling=rolling) for one in said]


def test_the_months_between_two_days_are_told_by_their_first():
    assert months(date(2024, 11, 20), date(2025, 2, 1)) == [
        date(2024, 11, 1).toordinal(),
        date(2024, 12, 1).toordinal(),
        date(2025, 1, 1).toordinal(),
        date(2025, 2, 1).toordinal(),
    ]


def test_nothing_that_is_known_after_an_origin_changes_what_is_said_at_it():
    deliveries = moved(two_suppliers(orders=80))
    origin = YEAR[8]
    changed = [
        d._replace(received_on=d.received_on + 300) if d.received_on >= origin else d
        for d in deliveries
        if d.known_on < origin + 25
    ]

    as_it_was = {(one.delivery.supplier, one.origin): one.said for one in foretold(deliveries)}
    otherwise = {(one.delivery.supplier, one.origin): one.said for one in foretold(changed)}

    until_then = [key for key in otherwise if key[1] <= origin]
    assert len(until_then) >= 12
    assert [otherwise[key] for key in until_then] == [as_it_was[key] for key in until_then]


def test_suppliers_that_differ_are_not_leant_on_each_other():
    rolling = Rolling(History([]))
    said = foretold(moved(two_suppliers(orders=80)), rolling=rolling)
    last = {one.delivery.supplier: dict(zip(QUANTILES, one.said, strict=True)) for one in said}

    assert rolling.leaning(word=False) == 0
    assert last["QUICK"][95] <= 8
    assert last["SLOW"][50] >= 20


def test_the_leaning_is_told_in_deliveries_as_the_curves_take_it():
    rolling = Rolling(History([]))
    rolling.losses[False] = [9.0, 8.0, 7.0, 6.0]

    assert rolling.leaning(word=False) == LEANINGS[-1] == 80


def test_a_supplier_whose_word_is_good_is_taken_at_it():
    punctual = [
        delivery(FIRST + 5 * number, 0, counted_from=FIRST + 5 * number + 20, word=True, supplier="TRUE")
        for number in range(80)
    ]
    late = [
        delivery(FIRST + 5 * number, 9, counted_from=FIRST + 5 * number + 20, word=True, supplier="LATE")
        for number in range(80)
    ]

    said = foretold(punctual + late)

    last = {one.delivery.supplier: one.said for one in said}
    assert last["TRUE"] == (0, 0, 0, 0, 0)
    assert last["LATE"][QUANTILES.index(50)] == 9


def test_the_loss_is_the_mean_over_the_quantiles():
    assert loss(10, (10, 10, 10, 10, 10)) == 0
    assert loss(20, (10, 10, 10, 10, 10)) == 10 * (0.1 + 0.5 + 0.8 + 0.9 + 0.95) / 5
