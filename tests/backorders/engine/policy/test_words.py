import pytest

from backorders.engine.allocation.pool import Strategy
from backorders.engine.policy.definition import FilterField, Operator
from backorders.engine.policy.ranking import SortField
from backorders.engine.policy.reader import parse_definition
from backorders.engine.policy.words import (
    FIELD_WORDS,
    FLAG_WORDS,
    OPERATOR_WORDS,
    STRATEGY_WORDS,
    WORDS,
    policy_in_words,
)


def saying(keys, **rules):
    return parse_definition({"rest": {"strategy": "REDISTRIBUTE", "keys": keys}, **rules})


def test_every_word_that_a_policy_may_use_has_an_explanation():
    assert set(WORDS) == set(SortField)
    assert set(STRATEGY_WORDS) == set(Strategy)
    assert set(FIELD_WORDS) | set(FLAG_WORDS) == set(FilterField)
    assert set(OPERATOR_WORDS) | {Operator.IS} == set(Operator)


@pytest.mark.parametrize(
    ("keys", "rules", "told"),
    [
        ([{"field": "placed_at"}], {}, "Oldest order line first."),
        (
            [{"field": "tier_rank"}, {"field": "order_size", "descending": True}],
            {"age_boost_days": 14},
            (
                "Most important tier first, then the largest open quantity."
                " A waiting line moves up by one tier every 14 days."
            ),
        ),
        (
            [{"field": "manual_boost", "descending": True}, {"field": "line_value", "descending": True}],
            {"age_boost_days": 30, "churn_budget": 0, "approval_threshold": 25},
            (
                "Highest manual boost first, then the largest open value."
                " Each 30 days of waiting put a line before all that have waited less."
                " A run that takes units from any line needs approval."
                " A run that pushes back more than 25 promised dates needs approval."
            ),
        ),
        (
            [{"field": "placed_at"}],
            {"method": "fair_share"},
            "Every line gets an equal share of the stock; odd units go first to the oldest order line.",
        ),
        (
            [{"field": "tier_rank", "order": ["gold", "platinum"]}],
            {"minimum_units": 5, "minimum_percent": 50, "hold_days": 14, "fallback": "value", "warehouses": "split"},
            (
                "Tiers gold, platinum in this order first. A first delivery has at least 5 units and 50 % of the"
                " line; a smaller one waits. A line gets from other warehouses what its own lacks, after the lines of"
                " those warehouses."
                " Complete-ship orders keep stock for at most 14 days."
                " Where a guarantee cannot be met, “value” is used instead."
            ),
        ),
    ],
)
def test_a_policy_of_one_class_reads_as_a_sentence(keys, rules, told):
    assert policy_in_words(saying(keys, **rules)) == told


def test_segments_are_told_in_their_order_and_the_rest_last():
    segment = {
        "name": "Key accounts",
        "strategy": "WIN",
        "keys": [{"field": "requested_on"}],
        "filters": [
            {"field": "tier", "operator": "in", "values": ["platinum", "gold"]},
            {"field": "is_told", "operator": "is", "values": [True]},
        ],
    }

    told = policy_in_words(saying([{"field": "placed_at"}], segments=[segment], exceptions="stop_all"))

    assert told == (
        "Lines with tier platinum or gold and whose customer was promised a date get all they need before others;"
        " where stock is too short, the run reports an exception, the earliest requested date first."
        " All other lines start from zero and gain in order, the oldest order line first."
        " A guarantee that cannot be met stops the whole run."
    )
