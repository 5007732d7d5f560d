import pytest

from backorders.engine.policy.definition import KIND_OF, FilterField, Kind, PolicyDefinition, as_json
from backorders.engine.policy.reader import InvalidPolicy, parse_definition

REST = {"name": "", "strategy": "REDISTRIBUTE", "keys": [{"field": "placed_at"}]}
GOLD = {"field": "tier", "operator": "in", "values": ["gold"]}


def policy(**rules):
    return {"rest": REST, **rules}


def segment(**parts):
    return {"name": "Gold", "strategy": "WIN", "keys": [{"field": "placed_at"}], "filters": [GOLD], **parts}


def problems(raw):
    with pytest.raises(InvalidPolicy) as refused:
        parse_definition(raw)
    return dict(refused.value.problems)


def test_what_is_written_is_read_back():
    raw = policy(
        segments=[segment(filters=[GOLD, {"field": "line_value", "operator": "at_least", "values": ["12.50"]}])],
        method="fair_share",
        fallback="value",
        hold_days=0,
        churn_budget=5,
        warehouses="split",
    )
    ahead = parse_definition(policy(inbound=True, borrow=True))

    definition = parse_definition(raw)

    assert isinstance(definition, PolicyDefinition)
    assert parse_definition(as_json(definition)) == definition
    assert (definition.hold_days, definition.approval_threshold) == (0, None)
    assert parse_definition(as_json(ahead)) == ahead
    assert (ahead.inbound, ahead.borrow, definition.looks_ahead) == (True, True, False)


@pytest.mark.parametrize("raw", [None, [], {}, "order-date", {"segments": []}])
def test_an_empty_policy_is_refused(raw):
    assert any("empty" in reason for reason in problems(raw).values())


@pytest.mark.parametrize(
    ("raw", "where", "reason"),
    [
        (policy(rest={**REST, "keys": []}), "rest.keys", "at least one sort key"),
        (
            policy(rest={**REST, "keys": [{"field": "shoe_size"}]}),
            "rest.keys.0.field",
            "no sort key “shoe_size”",
        ),
        (policy(rest={**REST, "keys": ["placed_at"]}), "rest.keys.0.field", "there is no sort key"),
        (
            policy(rest={**REST, "keys": [{"field": "placed_at", "descending": "yes"}]}),
            "rest.keys.0.descending",
            "true",
        ),
        (policy(rest={**REST, "keys": [{"field": "placed_at"}] * 2}), "rest.keys", "counts once"),
        (policy(rest={**REST, "keys": [{"field": "placed_at", "order": ["x"]}]}), "rest.keys.0.order", "only tiers"),
        (policy(rest={**REST, "strategy": "HOPE"}), "rest.strategy", "there is no strategy class “HOPE”"),
        (policy(rest={**REST, "filters": [GOLD]}), "rest.filters", "catches the rest"),
        (policy(segments=[segment(filters=[])]), "segments.0.filters", "would catch every line"),
        (policy(segments=[segment(name=" ")]), "segments.0.name", "a name"),
        (policy(segments=[segment(), segment(name="GOLD")]), "segments.1.name", "another segment"),
        (policy(segments="all"), "segments", "a list"),
        (policy(segments=[segment(keys=[])]), "segments.0.keys", "at least one sort key"),
        (
            policy(segments=[segment(filters=[{"field": "shoe_size", "operator": "in", "values": ["44"]}])]),
            "segments.0.filters.0.field",
            "there is no filter field “shoe_size”",
        ),
        (
            policy(segments=[segment(filters=[{"field": "tier", "operator": "at_least", "values": ["gold"]}])]),
            "segments.0.filters.0.operator",
            "choose in or not_in",
        ),
        (
            policy(segments=[segment(filters=[{"field": "tier", "operator": "likes", "values": ["gold"]}])]),
            "segments.0.filters.0.operator",
            "there is no operator “likes”",
        ),
        (
            policy(segments=[segment(filters=[{"field": "tier", "operator": "in", "values": []}])]),
            "segments.0.filters.0.values",
            "at least one value",
        ),
        (
            policy(segments=[segment(filters=[{"field": "age_days", "operator": "at_least", "values": [-1]}])]),
            "segments.0.filters.0.values",
            "from 0",
        ),
        (
            policy(segments=[segment(filters=[{"field": "line_value", "operator": "at_most", "values": ["much"]}])]),
            "segments.0.filters.0.values",
            "an amount",
        ),
        (
            policy(segments=[segment(filters=[{"field": "is_told", "operator": "is", "values": ["yes"]}])]),
            "segments.0.filters.0.values",
            "true or false",
        ),
        (policy(method="dice"), "method", "there is no method “dice”"),
        (policy(exceptions="ignore"), "exceptions", "there is no exception mode"),
        (policy(age_boost_days=-1), "age_boost_days", "from 0"),
        (policy(hold_days=-1), "hold_days", "from 0"),
        (policy(hold_days=1.5), "hold_days", "whole number"),
        (policy(minimum_percent=101), "minimum_percent", "to 100"),
        (policy(minimum_units=-2), "minimum_units", "from 0"),
        (policy(churn_budget=-1), "churn_budget", "from 0"),
        (policy(approval_threshold=True), "approval_threshold", "whole number"),
        (policy(borrow=1), "borrow", "true or false"),
        (policy(inbound=True, method="fair_share"), "inbound", "an equal share knows no rank"),
        (policy(borrow=True, warehouses="split"), "borrow", "only lines that their own warehouse serves"),
        (policy(fallback=7), "fallback", "the code"),
        (policy(warehouses="moon"), "warehouses", "there is no choice of warehouses “moon”: choose one of own"),
        (policy(luck=7), "luck", "there is no such rule"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place_and_reason(raw, where, reason):
    assert reason in problems(raw)[where]


def test_everything_that_is_wrong_is_told_at_once():
    assert set(problems(policy(method="dice", hold_days=-1, segments=[segment(strategy="HOPE")]))) == {
        "method",
        "hold_days",
        "segments.0.strategy",
    }


def test_a_class_without_an_order_needs_no_key():
    assert parse_definition(policy(segments=[segment(strategy="SKIP", keys=[])])).segments[0].keys == ()


def test_every_field_has_a_kind():
    assert {KIND_OF[field] for field in FilterField} == set(Kind)
