import gzip
import io

import pytest

from config.lib.csv.reading import FileRefused, Limits, open_csv


def read(content: bytes | str, **options):
    binary = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    with open_csv(binary, **options) as reader:
        return reader.header, [(record.line, record.flaw or record.cells) for record in reader]


def refusal(content: bytes | str, **options) -> str:
    with pytest.raises(FileRefused) as refused:
        read(content, **options)
    return str(refused.value)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_counted_in_the_first_line(separator):
    header, rows = read(f"sku{separator}name\nA{separator}x, y; z\n".replace("x, y; z", '"x, y; z"'))

    assert (header, rows) == (["sku", "name"], [(2, ["A", "x, y; z"])])


def test_bom_blank_lines_quoted_newlines_and_crlf_are_read():
    header, rows = read(b'\xef\xbb\xbfsku,name\r\n\r\nA,"two\r\nlines"\r\nB,x\r\n')

    assert header == ["sku", "name"]
    assert rows == [(3, ["A", "two\r\nlines"]), (5, ["B", "x"])]


def test_a_compressed_file_is_read_like_any_other():
    assert read(gzip.compress(b"sku\nA\n")) == (["sku"], [(2, ["A"])])


def test_a_damaged_compressed_file_is_refused():
    assert "damaged" in refusal(gzip.compress(b"sku\n" + b"A\n" * 90_000)[:-40])


@pytest.mark.parametrize(
    ("row", "flaw"),
    [
        (b"A,b,c", "has 3 cells, but the first line names 2 columns"),
        (b"A", "has 1 cells, but the first line names 2 columns"),
        (b"A,\xe9t\xe9", "is not UTF-8 (byte 0xE9 at character 3)"),
        (b"A,\0", "contains a NUL byte"),
        (b'A,"b"c', "cannot be read: ',' expected after '\"'"),
    ],
)
def test_a_flawed_row_is_told_and_the_next_is_read(row, flaw):
    _, rows = read(b"sku,name\n" + row + b"\nB,x\n")

    assert rows == [(2, flaw), (3, ["B", "x"])]


def test_an_open_quote_is_told_where_it_opened():
    _, rows = read('sku,name\nA,x\nB,"never closed\nC,x\n')

    assert rows == [(2, ["A", "x"]), (3, "opens a quote that is never closed")]


def test_a_cell_that_is_too_long_is_told():
    _, rows = read(f"sku\n{'x' * 501}\nB\n", limits=Limits(cell=500))

    assert rows == [(2, "has a cell of more than 500 characters"), (3, ["B"])]


def test_cells_that_an_export_defused_come_back():
    assert read("sku,name\nA,'=1\nB,O'Neill\n")[1] == [(2, ["A", "=1"]), (3, ["B", "O'Neill"])]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (b"sku,SKU\n", "The column 'SKU' stands in the first line twice."),
        (b"sku,,name\n", "Column 2 has no name"),
        (b"PK\x03\x04...", "a workbook or a ZIP archive"),
        (b"\xff\xfes\0k\0u\0", "UTF-16"),
        (b"\xe9,name\n", "not plain UTF-8"),
        (b"x" * 30_000, "too long"),
        (b'"sku,name\n', "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content, told):
    assert told in refusal(content)


def test_the_limits_of_an_upload_are_kept():
    assert "more than 2 rows" in refusal("sku\nA\nB\nC\n", limits=Limits(rows=2))
    assert "unpack it first" in refusal(gzip.compress(b"sku\nA\n"), limits=Limits(compressed=False))
    assert "3 columns; 2 are allowed" in refusal("a,b,c\n", limits=Limits(columns=2))


def test_a_declared_encoding_is_used_and_an_unknown_one_refused():
    assert read("sku,name\nA,Größe\n".encode("cp1252"), encoding="cp1252")[1] == [(2, ["A", "Größe"])]
    assert "no encoding 'klingon'" in refusal("sku\n", encoding="klingon")
