import pytest

from tests.reliability import r21

pytestmark = pytest.mark.xdist_group("r21")  # one run for all tests of this module


@pytest.fixture(scope="module")
def report():
    return r21.run("S")


def test_fifty_callers_of_one_order_get_the_same_one(report):
    [(number, times)] = [(told, times) for told, times in report["same"].items() if told.startswith("order")]

    assert report["same_orders"] == 1
    # Who asked for something else under the number came first once at most; then it is the others who are refused.
    assert report["same"] in ({number: 45, "ConflictingOrder": 5}, {number: 5, "ConflictingOrder": 45})
    assert times in (45, 5)


def test_the_last_ten_backorders_go_to_exactly_ten(report):
    assert report["waiting"] == {"with_stock": 10, "without_pool": 10, "in_batches": 10}
    assert report["limit_with_stock"] == {"taken": 13, "BackorderRefused": 54}
    assert report["limit_without_pool"] == {"taken": 10, "BackorderRefused": 54}


def test_the_books_are_true_after_the_race(report):
    assert (report["broken"], report["deadlocks"]) == ({}, 0)
