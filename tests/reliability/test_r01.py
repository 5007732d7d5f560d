from typing import Any

from tests.reliability import r01

KINDS = {"order", "receive", "run", "cancel", "pick_and_ship", "adjust", "promise"}


def assert_true_throughout(report: dict[str, Any]) -> None:
    assert report["first_unexpected"] == []
    assert report["violations"] == dict.fromkeys(report["violations"], 0)
    assert (report["deadlocks"], report["check_violations"], report["lost"]) == (0, 0, 0)
    assert report["acknowledged"] > 0


def test_mixed_work_at_once_leaves_the_books_true():
    report = r01.run_mixed("S")

    assert_true_throughout(report)
    assert set(report["done"]) == KINDS


def test_all_work_on_one_product_leaves_the_books_true():
    """Who does not get the product's lock in time is told so: which kinds get through depends on the machine."""
    assert_true_throughout(r01.run_one_product("S"))
