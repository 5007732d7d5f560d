import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SPARE_PARTS = Path(__file__).parents[2] / "fixtures" / "spare_parts" / "demand.csv"


def figures(*arguments: str) -> tuple[dict, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


@pytest.fixture
def file(tmp_path):
    def write(text: str) -> str:
        (tmp_path / "demand.csv").write_text(text)
        return str(tmp_path / "demand.csv")

    return write


def many_months(*, sku: str = "A", months: int = 20, units: int = 5) -> str:
    return "".join(f"{sku},20{10 + i // 12}-{i % 12 + 1:02},{units + i % 3}\n" for i in range(months))


def test_real_spare_parts_are_foretold_better_than_by_any_single_method():
    found, _ = figures(
        "backtest_demand", str(SPARE_PARTS), "--season=12", "--horizon=3", "--lead-time=3", "--origins=6", "--step=1"
    )

    singles = {name: scores for name, scores in found["baselines"].items() if name not in ("blend", "mean of four")}
    losses = [scores["lead_time_demand"]["mean_weighted_pinball"] for scores in singles.values()]
    assert (found["series"], found["periods"], found["origins"]) == (150, 24, 6)
    assert found["lead_time_demand"]["mean_weighted_pinball"] < min(losses)
    assert found["rmsse"] <= 1.02 * min(scores["rmsse"] for scores in singles.values())
    assert abs(found["relative_bias"]) <= 0.15
    assert 0.93 <= found["lead_time_demand"]["coverage"]["p95"] <= 0.97
    assert set(found["methods"]) == set(found["classes"])


def test_gaps_negative_repeated_and_later_rows_are_put_right_and_told(file):
    text = (
        "sku,period,quantity\n" + many_months() + "A,2010-01,4\nB,2010-01,-3\nB,2011-08,9\nC,2999-01,5\nC,2010-02,1\n"
    )

    found, told = figures("backtest_demand", file(text), "--origins=2")

    assert found["series"] == 3
    assert found["remarks"] == {
        "rows of one product and period added up": 1,
        "negative quantities counted as none": 1,
        "periods left out that are under way or still to come": 1,
        "periods without a row taken as without demand": 37,
    }
    assert "1 negative quantities counted as none." in told


def test_rows_that_mean_nothing_are_left_out_with_the_line_and_the_reason(file):
    text = "sku,period,quantity\n" + many_months() + ",2010-01,4\nA,2010-13,4\nA,yesterday,4\nA,2010-02,many\n"

    found, told = figures("backtest_demand", file(text), "--origins=1")

    assert found["rejected"] == 4
    assert "Line 22 is left out: names no product" in told
    assert "Line 23 is left out: there is no period '2010-13'" in told
    assert "Line 24 is left out: 'yesterday' is written differently from the periods before" in told
    assert "Line 25 is left out: 'many' is no quantity" in told


def test_order_lines_are_added_up_by_the_week_that_the_customers_want_them_in(file):
    text = "sku,ordered_at,requested_on,quantity\n" + "".join(
        f"A,20{10 + i // 12}-{i % 12 + 1:02}-05,,{5 + i % 3}\nA,20{10 + i // 12}-{i % 12 + 1:02}-07 09:30,,2\n"
        for i in range(20)
    )

    found, _ = figures("backtest_demand", file(text + "A,2011-08-31,2011-08-03,4\n"), "--by=month", "--origins=2")
    again, told = figures("backtest_demand", file(text + "B,sometime,,1\n"), "--by=month", "--origins=1")

    assert (found["series"], found["periods"], found["rejected"], found["remarks"]) == (1, 20, 0, {})
    assert (again["periods"], again["rejected"]) == (19, 1)  # the file ends on 7 August: that month is not over
    assert again["remarks"] == {"periods left out that are under way or still to come": 1}
    assert "Line 42 is left out: ordered_at" in told


def test_a_retail_file_is_read_by_the_mapping_that_imports_it(file):
    rows = "".join(
        f"{500 + week},8504a,{6 + week % 4},{date(2010, 1, 4) + timedelta(weeks=week):%Y-%m-%d} 08:00:00\n"
        for week in range(30)
    )
    extra = "C77,85048,-3,2010-02-02 09:00:00\n600,POST,1,2010-02-02 09:00:00\n601,8504A,9,2010-08-01 10:00:00\n"

    found, _ = figures(
        "backtest_demand",
        file("Invoice,StockCode,Quantity,InvoiceDate\n" + rows + extra),
        *("--mapping=online-retail", "--season=52", "--horizon=4", "--lead-time=4", "--origins=2"),
    )

    assert (found["series"], found["periods"]) == (1, 30)
    assert found["remarks"] == {"rows skipped: cancellation": 1, "rows skipped: not a product": 1}


def test_a_product_in_mixed_units_is_left_out(file):
    rows = many_months().replace("\n", ",pcs\n") + "B,2010-01,4,pcs\nB,2010-02,1,kg\n"

    found, _ = figures("backtest_demand", file("sku,period,quantity,unit\n" + rows), "--origins=1")

    assert found["series"] == 1
    assert found["remarks"]["products left out, since their rows name different units"] == 1


def test_a_product_without_any_demand_is_kept_and_expected_to_go_on_so(file):
    text = "sku,period,quantity\n" + many_months() + "Z,2010-01,0\n"

    found, _ = figures("backtest_demand", file(text), "--origins=1")

    assert found["series"] == 2
    assert found["remarks"]["products without any demand"] == 1
    assert found["classes"] == {"ended": 1, "smooth": 1} or found["classes"] == {"new": 1, "smooth": 1}


@pytest.mark.parametrize("periods", [[f"2020-W{week:02}" for week in range(1, 31)], [str(i) for i in range(30)]])
def test_weeks_and_plain_numbers_are_periods_too(file, periods):
    text = "sku,period,quantity\n" + "".join(f"A,{period},{3 + i % 4}\n" for i, period in enumerate(periods))

    found, _ = figures("backtest_demand", file(text), "--season=4", "--origins=2")

    assert (found["periods"], found["remarks"]) == (30, {})


def test_mondays_are_weeks(file):
    text = "sku,period,quantity\nA,2020-01-06,3\nA,2020-07-27,4\nA,2020-03-02,1\n"

    found, _ = figures("backtest_demand", file(text), "--origins=1")

    assert found["periods"] == 30


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sku,month,quantity\n", "The column 'period' is missing"),
        ("sku,period,quantity\n", "no finished period"),
        ("sku,period,quantity\nA,2010-01,5\n", "too few for such origins"),
        ("", "The file is empty"),
    ],
)
def test_a_file_that_nothing_can_be_foretold_from_is_refused(file, text, message):
    with pytest.raises(CommandError, match=message):
        figures("backtest_demand", file(text))


def test_wrong_usage_is_told_apart():
    with pytest.raises(CommandError, match="--origins must be at least 1") as refused:
        figures("backtest_demand", str(SPARE_PARTS), "--origins=0")
    assert refused.value.returncode == 2


POSITIONS = "sku,on_hand,in_transit,lead_time,forecast,recent_sales,minimum,out\n"


def test_positions_are_scored_and_judged_beside_the_plain_rule(file):
    rows = "A,0,0,8,30,12,5,yes\nB,500,0,8,30,10,5,no\nC,8,2,,30,14,5,yes\nD,40,10,8,3,0,5,no\n"

    found, _ = figures("score_stockout_risk", file(POSITIONS + rows), "--truth=out")

    assert (found["n"], found["ran_out"], found["auc"], found["average_precision"]) == (4, 2, 1.0, 1.0)
    assert found["baselines"]["stock + transit < forecast"]["auc"] == 1.0
    assert [row["sku"] for row in found["most_endangered"]] == ["A", "C", "D", "B"]
    assert found["most_endangered"][0]["p30"] == 1.0


def test_positions_without_sense_are_left_out_and_told(file):
    rows = "A,x,0,8,30,12,5,no\nB,,0,8,30,10,5,no\nC,8,2,,30,14,5,maybe\nD,4,0,,9,,,no\n"

    found, told = figures("score_stockout_risk", file(POSITIONS + rows), "--truth=out")

    assert (found["n"], found["rejected"]) == (1, 3)
    assert "Line 2 is left out: 'x' is no number (on_hand)" in told
    assert "Line 3 is left out: has no on_hand" in told
    assert "Line 4 is left out: 'maybe' does not say yes or no" in told


def test_columns_may_have_other_names(file):
    found, _ = figures(
        "score_stockout_risk", file("sku,stock,demand\nA,3,30\n"), "--columns=on_hand=stock,forecast=demand"
    )

    assert found["n"] == 1
    with pytest.raises(CommandError, match="is no OURS=THEIRS"):
        figures("score_stockout_risk", file("sku,stock,demand\nA,3,30\n"), "--columns=here=stock")


@pytest.mark.django_db
def test_a_dry_run_writes_nothing_and_the_same_night_twice_is_fine():
    first, _ = figures("forecast", "--dry-run")
    second, _ = figures("forecast")
    third, _ = figures("forecast")

    assert first["pools"] == second["pools"] == third["pools"] == 0
    assert figures("replenish")[0]["proposals"] == 0
    with pytest.raises(CommandError, match="is no amount"):
        figures("replenish", "--budget=lots")


def test_a_rehearsed_year_is_the_same_for_the_same_seed_and_judges_every_rule():
    first, _ = figures("simulate_replenishment", "--products=12", "--weeks=6")
    second, _ = figures("simulate_replenishment", "--products=12", "--weeks=6")

    assert first | {"seconds": 0} == second | {"seconds": 0}
    assert 0.5 < first["proposals"]["fill_rate"] <= 1
    assert len(first["minimum_and_maximum"]) == 8
    assert first["fixed_as_tuned_last_year"]["safety_weeks"] in {0.5, 1, 1.5, 2, 3, 4, 5, 6}
    with pytest.raises(CommandError, match="Play 5 to 10,000 products"):
        figures("simulate_replenishment", "--products=1")
