import json
from datetime import date, timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command

from tests.factories.inventory import ProductFactory, SupplierFactory
from tests.inventory.lead_times.deliveries import purchase

DAY = timedelta(days=1)
START = date(2022, 1, 3)


def run(*arguments):
    out, err = StringIO(), StringIO()
    call_command("backtest_lead_times", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def deliveries(tmp_path):
    """Three years of six suppliers; every fourth delivery may take very long, and some are open at the end."""
    chance = Random(11)
    rows = ["supplier,group,ordered_on,promised_on,received_on"]
    for number in range(900):
        ordered = START + chance.randrange(1095) * DAY
        supplier = number % 6
        took = 10 + 5 * supplier + chance.randrange(12) + (chance.randrange(250) if chance.random() < 0.25 else 0)
        received = ordered + took * DAY
        rows.append(f"S{supplier},G{number % 4},{ordered},,{received if received < date(2025, 1, 1) else ''}")
    file = tmp_path / "deliveries.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


def test_the_figures_are_those_of_the_contract_and_the_model_beats_what_needs_none(deliveries):
    out, _ = run(deliveries, "--json")

    figures = json.loads(out)
    assert figures["n"] > 700
    assert set(figures["coverage"]) == {"p10", "p50", "p80", "p90", "p95"}
    assert 0.85 <= figures["coverage"]["p90"] <= 0.95
    assert set(figures["baselines"]) >= {"vendor_median", "delivered_only", "normal"}
    for baseline in figures["baselines"].values():
        assert figures["mean_pinball_days"] <= baseline["mean_pinball_days"]
        assert baseline["n"] == figures["n"]


def test_the_same_file_gives_the_same_figures(deliveries):
    first, second = (json.loads(run(deliveries, "--json")[0]) for _ in range(2))

    assert first | {"seconds": 0} == second | {"seconds": 0}


def test_only_origins_and_orders_of_the_asked_time_are_scored(deliveries):
    out, _ = run(deliveries, "--origins", "monthly", "--from", "2023-01-01", "--to", "2023-12-31", "--json")

    figures = json.loads(out)
    assert figures["origins"] == 12
    assert figures["n"] < 400


def test_rows_that_cannot_be_are_told_by_line_and_the_others_are_scored(deliveries):
    deliveries.write_text(deliveries.read_text() + "S1,G1,2024-05-05,,2024-05-01\n")

    out, err = run(deliveries, "--json")

    assert "Line 902 is left out: received_on 2024-05-01 lies before ordered_on 2024-05-05" in err
    assert json.loads(out)["rejected"] == 1


def test_too_little_history_says_so(tmp_path):
    file = tmp_path / "few.csv"
    file.write_text("supplier,group,ordered_on,promised_on,received_on\nS1,,2024-01-02,,2024-01-09\n")

    with pytest.raises(CommandError, match="Nothing can be forecast"):
        run(file)


@pytest.mark.django_db
def test_the_desk_s_own_purchase_orders_can_be_scored():
    """Enough have arrived before the first of April, not before the first of March: April's three orders are scored."""
    product, supplier = ProductFactory(), SupplierFactory()
    for week in range(16):
        purchase(product, supplier, ordered_on=date(2024, 1, 1) + 7 * week * DAY, took=10 + week % 3)

    figures = json.loads(run("--own-history", "--json")[0])

    assert (figures["rows"], figures["n"], figures["origins"]) == (16, 3, 1)


def test_a_file_or_the_own_history_is_wanted_not_both(deliveries):
    for wanted in ([], [deliveries, "--own-history"]):
        with pytest.raises(CommandError, match="Name a file, or --own-history") as refused:
            run(*wanted)
        assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [(["--from", "soon"], "--from: soon is no date"), (["--from", "2025-01-01", "--to", "2024-01-01"], "--to lies")],
)
def test_wrong_options_are_wrong_usage(deliveries, options, told):
    with pytest.raises(CommandError, match=told) as refused:
        run(deliveries, *options)

    assert refused.value.returncode == 2
