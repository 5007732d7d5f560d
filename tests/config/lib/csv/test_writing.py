import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from config.lib.csv import csv_lines, csv_response, restore_cell, safe_cell

FORMULAS = [
    "=1+1",
    "+A1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "|calc",
    " =1",
    '"=1',
    "'=1",
    "\ufeff=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
]
HARMLESS = ["", "Saw", "O'Neill", "'tis", "a=b", "1-2", "x@example.com", "Größe", "5", " 5"]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_is_defused_and_comes_back(text):
    cell = safe_cell(text)

    assert cell == f"'{text}"
    assert restore_cell(cell) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_alone(text):
    assert safe_cell(text) == text
    assert restore_cell(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (-5, -5),
        (Decimal("-5.50"), Decimal("-5.50")),
        (float("nan"), ""),
        (date(2025, 11, 3), "2025-11-03"),
        (datetime(2025, 11, 3, 9, 0, tzinfo=UTC), "2025-11-03T10:00:00+01:00"),
    ],
)
def test_typed_values_stay_what_they_are(value, cell):
    assert safe_cell(value) == cell


def test_numbers_are_bare_and_text_is_quoted():
    lines = "".join(csv_lines(["sku", "delta"], [("=x", -3), ('6" nail', Decimal("1.50"))]))

    assert lines == '"sku","delta"\r\n"\'=x",-3\r\n"6"" nail",1.50\r\n'


def test_a_download_streams_all_rows_under_its_name():
    rows = [(number, f"+{number}") for number in range(20_000)]

    response = csv_response("bücher.csv", ["number", "text"], iter(rows))

    text = b"".join(response.streaming_content).decode()
    read = list(csv.reader(io.StringIO(text)))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    assert [(int(number), restore_cell(cell)) for number, cell in read[1:]] == rows
