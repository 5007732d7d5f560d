import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from inventory.engine.deliveries import Scope
from inventory.engine.learning import FINEST_STEP, History, arrival_curve, read_quantiles
from tests.fixtures import EXAMPLES
from tests.inventory.engine.curves import curve_of
from tests.inventory.engine.deliveries import delivery, two_suppliers

PAST = EXAMPLES["lead_time_quantiles"]["past"]


def learned(deliveries, *, at=1000, of=None, leaning=0, enough=8):
    return History(deliveries, enough=enough).seen_from(at).learned(of or deliveries[0], leaning)


def test_deliveries_that_all_came_give_the_quantiles_of_the_example():
    curve = learned([delivery(900, days) for days in PAST]).curve

    assert [curve.quantile(percent) for percent in (50, 80, 90)] == [14, 21, 30]
    assert [curve.quantile(percent, age=16) for percent in (50, 80)] == [21, 30]


def test_an_order_that_is_still_open_makes_the_slow_deliveries_likelier():
    came = [delivery(900, days) for days in PAST]
    waiting = [delivery(980, None), delivery(980, None), delivery(980, None)]

    seen = learned(came + waiting)

    assert (seen.n, seen.still_open) == (8, 3)
    assert seen.curve.quantile(80) > curve_of(PAST).quantile(80)


def test_what_happens_on_the_day_or_later_is_not_seen():
    deliveries = [delivery(900, days) for days in PAST]
    later = [delivery(900, 100), delivery(1000, 3), delivery(1001, None)]

    before = learned([*deliveries, delivery(900, None)])
    seen = learned([*deliveries, *later])

    assert (seen.n, seen.still_open) == (before.n, before.still_open) == (8, 1)
    assert seen.curve == before.curve


def test_too_little_history_of_a_product_leaves_the_word_to_the_supplier_then_to_similar_ones_then_to_all():
    item = [delivery(900, 10) for _ in range(8)]
    supplier = [delivery(900, 20, item="AXE") for _ in range(8)]
    similar = [delivery(900, 30, supplier="SUED", item="AXE") for _ in range(8)]
    others = [delivery(900, 40, supplier="WEST", kin="1 day") for _ in range(8)]
    everything = [*item, *supplier, *similar, *others]

    scopes = [
        learned(everything, of=delivery(1000, None, **who)).scope
        for who in (
            {},
            {"item": "NEW"},
            {"supplier": "NEW"},
            {"supplier": "NEW", "kin": "new"},
        )
    ]

    assert scopes == [Scope.ITEM, Scope.SUPPLIER, Scope.SIMILAR, Scope.ALL]


def test_seven_deliveries_in_all_are_too_few_to_say_anything():
    assert learned([delivery(900, 10) for _ in range(7)]) is None
    assert learned([delivery(900, 10) for _ in range(7)], enough=7).n == 7


def test_few_deliveries_lean_on_the_wider_experience():
    own = [delivery(900, 10) for _ in range(8)]
    others = [delivery(900, 40, supplier="WEST") for _ in range(80)]

    alone, leaning = (learned(own + others, leaning=weight).curve for weight in (0, 20))

    assert (alone.quantile(90), leaning.quantile(90)) == (10, 40)
    assert leaning.quantile(10) == 10


def test_old_deliveries_weigh_less_than_new_ones():
    old = [delivery(0, 40) for _ in range(20)]
    new = [delivery(1800, 10) for _ in range(10)]

    assert learned(old + new, at=2000).curve.quantile(80) == 10


def test_a_curve_that_is_kept_has_few_steps_and_the_same_quantiles():
    deliveries = [delivery(0, days) for days in range(1, 900)]
    seen = learned(deliveries, at=1000)

    assert len(seen.curve.days) <= FINEST_STEP
    assert [seen.curve.quantile(percent) for percent in (10, 50, 80, 90, 95)] == list(
        read_quantiles(seen.days, seen.shares)
    )


def test_the_same_deliveries_give_the_same_curve_in_whatever_order_they_come():
    deliveries = two_suppliers(orders=60)

    ways = (deliveries, deliveries[::-1])
    first, second = (learned(way, of=deliveries[0], leaning=20).curve for way in ways)

    assert first.days == second.days
    assert first.shares == pytest.approx(second.shares)


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.floats(0.01, 1)), min_size=1, max_size=40))
def test_the_curve_is_that_of_a_library_for_survival_analysis(lots):
    days, arrived, weights = (np.array(column) for column in zip(*lots, strict=True))
    arrived[0] = True

    lasted, shares = arrival_curve(days, arrived, weights)

    theirs = SurvfuncRight(days, arrived.astype(int), freq_weights=weights)
    assert lasted.tolist() == theirs.surv_times.tolist()
    assert shares == pytest.approx(1 - theirs.surv_prob, abs=1e-9)
