from typing import Any

from tests.reliability import r01


def assert_true_throughout(report: dict[str, Any]) -> None:
    assert report["first_unexpected"] == []
    assert report["violations"] == dict.fromkeys(report["violations"], 0)
    assert (report["deadlocks"], report["check_violations"], report["lost"]) == (0, 0, 0)
    assert report["acknowledged"] > 10
    assert set(report["done"]) == {"order", "receive", "run", "cancel", "pick_and_ship", "adjust", "promise"}


def test_mixed_work_at_once_leaves_the_books_true():
    assert_true_throughout(r01.run_mixed("S"))


def test_all_work_on_one_product_leaves_the_books_true():
    assert_true_throughout(r01.run_one_product("S"))
