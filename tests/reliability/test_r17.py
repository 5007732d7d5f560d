from tests.reliability import r17


def test_killed_senders_and_a_moody_server_lose_no_mail_and_double_few():
    report = r17.run("S")

    assert report["messages"] >= r17.SIZES["S"] * 0.9
    assert set(report["statuses"]) <= {"sent", "dead"}
    assert (report["lost"], report["given_up_for_no_reason"]) == (0, 0)
    assert report["duplicates"] <= report["kills_that_hit_a_mail"] + report["taken_without_an_answer"]
    assert (report["copies_that_differ"], report["sent_though_rolled_back"]) == (0, 0)
    assert report["orders_out_of_order"] == 0
    assert report["kills"] >= 3
