import pytest

from backorders.engine.policy_words import WORDS, policy_in_words
from backorders.engine.ranking import SortField


def test_every_field_has_words():
    assert set(WORDS) == set(SortField)


@pytest.mark.parametrize(
    ("keys", "fair", "days", "told"),
    [
        ([{"field": "placed_at"}], False, 0, "First the oldest order line."),
        (
            [{"field": "tier_rank"}, {"field": "order_size", "descending": True}],
            False,
            14,
            (
                "First the most important tier, then the largest open quantity."
                " A waiting line moves up by one tier every 14 days."
            ),
        ),
        (
            [{"field": "placed_at"}],
            True,
            0,
            "Everybody gets the same share of what is there; odd units go first to the oldest order line.",
        ),
        ([], False, 0, "First the order in which lines were entered."),
    ],
)
def test_a_policy_reads_as_a_sentence(keys, fair, days, told):
    assert policy_in_words(keys, fair=fair, age_boost_days=days) == told
