"""Likelihoods told as they turned out."""

import numpy as np
import pytest

from inventory.engine.calibrating import AS_SAID, Outcome, calibrate, passed_by

TODAY = 1000


def outcomes(*passed, arrived=True):
    return [Outcome(known_on=TODAY, passed=share, arrived=arrived) for share in passed]


def test_what_was_called_four_in_five_and_came_true_in_three_is_called_less_likely():
    came_late = outcomes(*np.linspace(0.02, 0.8, 600), *np.linspace(0.81, 1.0, 400))

    told = calibrate(came_late, TODAY).of(np.array([0.0, 0.8, 1.0]))

    assert told[0] == 0.0
    assert told[1] == pytest.approx((1000 * 0.6 + 160 * 0.8) / 1160)
    assert told[2] == 1.0


def test_what_is_under_way_counts_as_later_than_its_share():
    arrived = outcomes(*np.linspace(0.01, 1.0, 100))
    under_way = outcomes(*[0.5] * 100, arrived=False)

    alone, together = (calibrate(seen, TODAY).of(np.array([0.8]))[0] for seen in (arrived, [*arrived, *under_way]))

    assert together < alone


def test_without_anything_arrived_likelihoods_stay_as_they_are():
    shares = np.array([0.1, 0.8])

    assert calibrate(outcomes(0.4, arrived=False), TODAY) is AS_SAID
    assert AS_SAID.of(shares) is shares


def test_likelihoods_never_change_their_order():
    rng = np.random.default_rng(7)
    shares = np.linspace(0, 1, 41)

    for _ in range(50):
        seen = [Outcome(TODAY, float(share), bool(rng.random() < 0.7)) for share in rng.random(30)]
        assert (np.diff(calibrate(seen, TODAY).of(shares)) >= 0).all()


def test_beyond_the_end_of_a_curve_all_of_it_has_passed():
    days, shares = np.array([3, 5]), np.array([0.4, 0.9])

    assert [passed_by(days, shares, age) for age in (2, 3, 5, 6)] == [0.0, 0.4, 0.9, 1.0]
