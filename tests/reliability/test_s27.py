import pytest

from tests.reliability import s27

pytestmark = pytest.mark.xdist_group("s27")  # one run for all tests of this module


@pytest.fixture(scope="module")
def report():
    return s27.run("S")


@pytest.mark.parametrize("kind", sorted(set(s27.TAMPERING) - {"nothing", "delete_rows_with_their_seal"}))
def test_rewritten_history_breaks_a_seal(report, kind):
    assert report[kind]["noticed"]
    assert report[kind]["I12"] > 0


def test_an_end_that_was_cut_off_with_its_seal_is_known_by_the_log(report):
    assert report["delete_rows_with_their_seal"]["noticed_by_log"]


def test_untouched_history_breaks_none(report):
    assert report["nothing"] == {"noticed": False, "noticed_by_log": False, "I12": 0}
