import io
import json

import pytest

from config.lib.csv.cells import Column, iso_moment, line_of
from config.lib.csv.mapping import NO_MAPPING, MappingRefused, read_mapping
from config.lib.csv.reading import FileRefused, open_csv
from config.lib.csv.rows import Binding, RowRejected, RowSkipped

COLUMNS = (
    Column("number", line_of(20), required=True),
    Column("note", line_of(20)),
    Column("placed_at", iso_moment, zoned=True),
)


def bound(folder, columns, content, **more):
    path = folder / "mapping.json"
    path.write_text(json.dumps({"kind": "orders", "columns": columns, **more}), "utf-8")
    with open_csv(io.BytesIO(content.encode())) as reader:
        binding = Binding(reader, COLUMNS, read_mapping(path), folder=folder)
        return binding, [record.cells for record in reader]


def values(folder, columns, content, **more):
    binding, rows = bound(folder, columns, content, **more)
    return [binding.values(binding.texts(cells)) for cells in rows]


def test_columns_are_renamed_filled_and_reshaped(tmp_path):
    columns = {
        "number": {"column": "ID", "pad": 3, "prefix": "NW-", "case": "upper"},
        "note": {"column": ["Remark", "State"], "values": {"": "open"}, "otherwise": "shipped"},
        "placed_at": {"column": "Day", "date_formats": ["%d/%m/%Y", "%d.%m.%Y"]},
    }

    read = values(tmp_path, columns, "ID,State,Day\n7a,,31/12/2024\n1234,x,1.2.2025\n", time_zone="Europe/London")

    assert [(row["number"], row["note"], row["placed_at"].isoformat()) for row in read] == [
        ("NW-07A", "open", "2024-12-31T00:00:00+00:00"),
        ("NW-1234", "shipped", "2025-02-01T00:00:00+00:00"),
    ]


def test_constants_and_defaults_fill_what_the_file_lacks(tmp_path):
    columns = {"number": {"column": "ID", "remove": "[.]0$", "default": "GUEST"}, "note": {"value": "imported"}}

    assert values(tmp_path, columns, 'ID\n""\n17.0\n') == [
        {"number": "GUEST", "note": "imported"},
        {"number": "17", "note": "imported"},
    ]


@pytest.mark.parametrize(
    ("rule", "skipped"),
    [
        ({"equals": ["post", "DOT"]}, ["POST", "dot"]),
        ({"starts_with": "c"}, ["C123"]),
        ({"matches": "^[a-z]+$"}, ["POST", "dot"]),
    ],
)
def test_rows_are_skipped_whatever_their_letter_case(tmp_path, rule, skipped):
    skip = [{"column": "ID", "reason": "not a product", **rule}]
    binding, rows = bound(tmp_path, {"number": "ID"}, "ID\nPOST\ndot\nC123\n123\n", skip=skip)

    for (code,) in rows:
        if code in skipped:
            with pytest.raises(RowSkipped, match="not a product"):
                binding.texts([code])
        else:
            assert binding.texts([code]) == (code,)


def test_a_file_beside_the_file_adds_its_columns(tmp_path):
    (tmp_path / "heads.csv").write_text("ID,Note\n1,first\n", "utf-8")
    columns = {"number": "ID", "note": "Note"}
    binding, rows = bound(tmp_path, columns, "ID\n1\n2\n", lookups=[{"file": "heads.csv", "key": "ID"}])

    assert binding.values(binding.texts(rows[0])) == {"number": "1", "note": "first"}
    with pytest.raises(RowRejected, match="ID '2' is not in the file that is looked up"):
        binding.texts(rows[1])


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("{", "is not JSON"),
        ('{"kind": "orders"}', "not usable: 'columns'"),
        ('{"kind": "orders", "columns": {}, "colour": 1}', "the unknown key 'colour'"),
        ('{"kind": "orders", "columns": {"number": {"from": "ID"}}}', "the unknown key 'from'"),
        ('{"kind": "orders", "columns": {"number": {"column": "ID", "remove": "("}}}', "not usable"),
        ('{"kind": "orders", "columns": {}, "skip": [{"column": "ID", "reason": "x"}]}', "needs one of"),
        ('{"kind": "orders", "columns": {}, "time_zone": "Mars"}', "Mars"),
        ("[1]", "must be an object"),
    ],
)
def test_a_mapping_that_is_none_is_refused(tmp_path, mapping, told):
    path = tmp_path / "mapping.json"
    path.write_text(mapping, "utf-8")

    with pytest.raises(MappingRefused, match=told):
        read_mapping(path)


def test_a_mapping_for_other_columns_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="The file has no column Invoice or InvoiceNo"):
        bound(tmp_path, {"number": ["Invoice", "InvoiceNo"]}, "ID\n1\n")
    with pytest.raises(FileRefused, match="fills the unknown field 'colour'"):
        bound(tmp_path, {"number": "ID", "colour": "ID"}, "ID\n1\n")
    with pytest.raises(FileRefused, match="A constant of the mapping"):
        bound(tmp_path, {"number": "ID", "note": {"value": "x" * 21}}, "ID\n1\n")


def test_columns_that_nobody_reads_are_told_with_what_may_have_been_meant():
    with open_csv(io.BytesIO(b"Number,notes,colour\n")) as reader:
        binding = Binding(reader, COLUMNS, NO_MAPPING)

    assert binding.ignored == ["notes (did you mean note?)", "colour"]
