from datetime import date

import pytest

from config.lib.csv.reading import FileRefused
from inventory.lead_times.files import read_deliveries

TODAY = date(2026, 1, 1)
HEADER = "supplier,group,ordered_on,promised_on,received_on\n"


def read(tmp_path, *rows: str):
    file = tmp_path / "deliveries.csv"
    file.write_text(HEADER + "\n".join(rows) + "\n")
    return read_deliveries(file, today=TODAY)


def test_time_is_counted_from_the_order_or_from_the_promised_day(tmp_path):
    file = read(tmp_path, "NORD,SAW,2025-03-01,,2025-03-11", "NORD,SAW,2025-03-01,2025-03-15,2025-03-18")

    took = [(d.word, d.received_on - d.counted_from) for d in file.deliveries]
    assert took == [(False, 10), (True, 3)]


def test_an_open_order_has_not_been_received(tmp_path):
    [delivery] = read(tmp_path, "NORD,,2025-03-01,,").deliveries

    assert delivery.received_on is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "NORD,,2025-03-10,,2025-03-01",
            "received_on 2025-03-01 lies before ordered_on 2025-03-10: the lead time would be negative",
        ),
        (
            "NORD,,2025-03-10,2025-03-09,",
            "promised_on 2025-03-09 lies before ordered_on 2025-03-10: the lead time would be negative",
        ),
        ("NORD,,2026-03-10,,", "ordered_on 2026-03-10 is in the future"),
        ("NORD,,2025-03-10,,2026-01-02", "received_on 2026-01-02 is in the future"),
        (",,2025-03-10,,", "supplier is empty"),
        ("NORD,,10.3.2025,,", "ordered_on '10.3.2025': Must be a date such as 2024-05-31"),
        ("NORD,,2025-02-30,,", "ordered_on '2025-02-30': Must be a date such as 2024-05-31"),
    ],
)
def test_a_row_that_cannot_be_is_left_out_with_its_field_and_reason(tmp_path, row, reason):
    file = read(tmp_path, "NORD,,2025-03-01,,2025-03-11", row)

    assert file.rejects == {3: reason}
    assert len(file.deliveries) == 1


def test_a_repeated_row_is_told_and_counts(tmp_path):
    file = read(tmp_path, *["NORD,SAW,2025-03-01,,2025-03-11"] * 3)

    assert file.repeated == {3: 2, 4: 2}
    assert len(file.deliveries) == 3


def test_a_file_without_the_days_of_order_is_refused(tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text("supplier,received_on\nNORD,2025-03-01\n")

    with pytest.raises(FileRefused, match="no column ordered_on"):
        read_deliveries(file, today=TODAY)
