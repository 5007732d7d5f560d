import pytest

from backorders.engine.allocation.explanation import Reason
from backorders.engine.allocation.sentences import SAYS_ENOUGH, sentence

THIRD = {
    "sku": "SKU-1",
    "reason": "partly_filled",
    "rank": 3,
    "queue_length": 12,
    "open_units": 8,
    "before": 0,
    "given": 5,
    "lines_before": 2,
    "units_before": 40,
    "kept_behind": 0,
    "more_units": 3,
}


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (
            {},
            (
                "Third of 12 in the queue for SKU-1: gets 5 of 8; 40 units went to 2 lines ahead of it; "
                "3 more units are needed."
            ),
        ),
        (
            {"reason": "filled", "given": 8, "more_units": 0},
            "Third of 12 in the queue for SKU-1: gets all 8 units.",
        ),
        (
            {"reason": "kept", "given": 5, "before": 5, "lines_before": 1, "units_before": 1},
            (
                "Third of 12 in the queue for SKU-1: keeps 5 of 8; 1 unit went to 1 line ahead of it; "
                "3 more units are needed."
            ),
        ),
        (
            {"reason": "taken_back", "given": 2, "before": 6, "more_units": 6},
            (
                "Third of 12 in the queue for SKU-1: gives back 4 of 6 and keeps 2 of 8; 40 units went to 2 lines "
                "ahead of it; 6 more units are needed."
            ),
        ),
        (
            {"reason": "stock_kept_by_holders", "rank": 1, "given": 0, "units_before": 0, "kept_behind": 9},
            (
                "First of 12 in the queue for SKU-1: gets nothing of 8; 9 units stay with lines behind it that "
                "already had them; 3 more units are needed."
            ),
        ),
        (
            {"reason": "held_back_below_minimum_fill", "rank": 1, "queue_length": 1, "given": 0, "units_before": 0}
            | {"more_units": 1},
            (
                "Only line in the queue for SKU-1: gets nothing of 8; the rest is below its minimum first delivery; "
                "1 more unit is needed."
            ),
        ),
        (
            {"reason": "strategy_fill", "rank": 112, "queue_length": 113, "given": 0, "more_units": None},
            (
                "112th of 113 in the queue for SKU-1: gets nothing of 8; 40 units went to 2 lines ahead of it; "
                "its class keeps its allocation but never gains; more stock would not help."
            ),
        ),
    ],
)
def test_a_person_can_read_out_why(figures, told):
    assert sentence(**THIRD | figures) == told


@pytest.mark.parametrize(
    ("rank", "place"),
    [(1, "First"), (10, "Tenth"), (11, "11th"), (21, "21st"), (22, "22nd"), (103, "103rd"), (113, "113th")],
)
def test_places_are_spelled_out_up_to_ten(rank, place):
    assert sentence(**THIRD | {"rank": rank, "queue_length": 200}).startswith(f"{place} of 200 in the queue")


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_makes_a_sentence(reason):
    told = sentence(**THIRD | {"reason": str(reason)})

    assert told.startswith("Third of 12 in the queue for SKU-1: gets 5 of 8; ")
    assert told.endswith("; 3 more units are needed.") == (reason not in SAYS_ENOUGH)


def test_an_unknown_reason_is_refused():
    with pytest.raises(ValueError, match="bad_mood"):
        sentence(**THIRD | {"reason": "bad_mood"})
