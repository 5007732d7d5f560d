from tests.reliability import r08


def test_a_run_whose_worker_is_killed_is_finished_by_the_next_as_if_nothing_had_happened():
    report = r08.run("S")

    for kill in report["kills"]:
        assert kill | {"point": 0, "shards_left": 0} == {
            "point": 0,
            "shards_left": 0,
            "died": True,
            "broken_at_kill": {},
            "resumed": "finished",
            "broken_after": {},
            "same_as_undisturbed": True,
        }
    left = {kill["shards_left"] for kill in report["kills"]}
    assert len(left) > 2  # kills before, between and within shards
