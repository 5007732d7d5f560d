from tests.reliability import r09


def test_three_beats_at_once_make_one_nightly_run_and_no_email_twice():
    report = r09.run("S")

    assert (report["beats_that_fired"], report["runs"]) == (3, [["nightly", "finished"]])
    assert report["firings"] >= r09.FIRINGS["S"]
    assert report["messages"].pop("bundled", 0) != 1
    assert report["messages"] == {"sent": report["mails"]}
    assert (report["mails"] > 0, report["mails_twice"]) == (True, 0)
