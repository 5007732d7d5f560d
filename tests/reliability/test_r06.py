from tests.reliability import r06
from tests.reliability.pairs import PAIRS


def test_two_actions_that_meet_end_as_if_one_had_waited():
    report = r06.run("S")

    assert set(report["pairs"]) == {pair.__name__ for pair in PAIRS}
    assert {name: met["strange"] for name, met in report["pairs"].items() if met["strange"]} == {}
    assert (report["broken"], report["deadlocks"]) == ({}, 0)
