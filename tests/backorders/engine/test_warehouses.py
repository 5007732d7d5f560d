import pytest

from backorders.engine.warehouses import choose_warehouses
from tests.fixtures import EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES["warehouses"], ids=lambda example: example["id"])
def test_warehouses_are_chosen_as_in_the_worked_example(example):
    stock = [(code, free) for code, free in example["stock"]]

    assert choose_warehouses(example["open"], stock, split=example["split"]) == example["expect"]


@pytest.mark.parametrize("split", [True, False])
def test_the_first_warehouse_of_the_preference_list_wins_and_nothing_open_takes_nothing(split):
    assert choose_warehouses(5, [("EMPTY", 0), ("EAST", 9), ("WEST", 9)], split=split) == {"EAST": 5}
    assert choose_warehouses(0, [("EAST", 9)], split=split) == {}


def test_a_split_takes_what_there_is():
    assert choose_warehouses(50, [("EAST", 30), ("WEST", 4)], split=True) == {"EAST": 30, "WEST": 4}
