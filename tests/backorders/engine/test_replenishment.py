import pytest

from backorders.engine.replenishment import (
    InventoryPosition,
    Terms,
    at_level,
    need_in_words,
    reorder_need,
    rounded,
    value_classes,
)

TERMS = Terms("Nordwerk", minimum=10, pack=12, percent=95)


def position(**values) -> InventoryPosition:
    usual = {
        "on_hand": 20,
        "on_order": 0,
        "backorders": 5,
        "weekly": 10.0,
        "lead_days": 14,
        "review_days": 7,
        "lead_quantiles": [20, 28, 33, 38, 50],
        "cover_quantiles": [30, 40, 46, 52, 70],
    }
    return InventoryPosition(**(usual | values))


def test_the_formula_of_the_issue():
    need = reorder_need(position(), TERMS)

    assert (need.backorders, need.forecast, need.safety, need.on_hand, need.on_order) == (5, 30, 22, 20, 0)
    assert need.needed == 5 + 30 + 22 - 20 - 0
    assert need.quantity == 48  # 37 in packs of 12
    assert (need.reorder_point, need.order_up_to) == (38, 52)


def test_above_the_reorder_point_nothing_is_bought():
    assert reorder_need(position(on_hand=43, on_order=0), TERMS).quantity == 0
    assert reorder_need(position(on_hand=42), TERMS).quantity > 0


def test_what_is_on_order_counts():
    assert reorder_need(position(on_order=40), TERMS).quantity == 0


def test_a_discontinued_product_is_bought_for_waiting_orders_only():
    terms = Terms("Nordwerk", minimum=1, pack=1, percent=95, buys_for_stock=False)

    assert reorder_need(position(on_hand=2), terms).quantity == 3
    assert reorder_need(position(on_hand=5), terms).quantity == 0


def test_the_sentence_names_every_figure():
    said = need_in_words(reorder_need(position(), TERMS), position(), TERMS, value_class="A")

    assert said == (
        "5 on backorder + 30 forecast for 14 days of lead time and 7 of review + 22 safety stock (class A, 95 %) "
        "− 20 on hand − 0 on order = 37 → 48 (minimum 10, packs of 12); 15 available are below the "
        "reorder point of 38. Nordwerk delivers."
    )


@pytest.mark.parametrize(
    ("units", "minimum", "pack", "expected"), [(1, 1, 1, 1), (37, 10, 12, 48), (3, 10, 4, 12), (48, 1, 12, 48)]
)
def test_rounded_to_minimum_and_packs(units, minimum, pack, expected):
    assert rounded(units, minimum=minimum, pack=pack) == expected


def test_a_level_between_two_quantiles_lies_between_them():
    assert at_level(95, [20, 28, 33, 38, 50]) == 38
    assert at_level(92.5, [20, 28, 33, 38, 50]) == pytest.approx(35.17, abs=0.01)
    assert at_level(99.9, [20, 28, 33, 38, 50]) == pytest.approx(63.5, abs=0.1)
    assert at_level(40, [20, 28, 33, 38, 50]) == 20


def test_value_classes_by_pareto():
    assert value_classes([(1, 800.0), (2, 150.0), (3, 40.0), (4, 10.0)]) == {1: "A", 2: "B", 3: "C", 4: "C"}
    assert value_classes([(1, 0.0)]) == {1: "C"}
