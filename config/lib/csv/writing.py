"""CSV that a spreadsheet can open without computing anything, and that the import reads back unchanged."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

# What spreadsheets compute, also behind quotes, blanks, a BOM or other invisible characters, and in full width.
_FORMULA = re.compile("[\\s'\"\u00a0\u200b-\u200f\u2060\ufeff\u3000＇＂]*[=+\\-@|\t\r\n\0＝＋－＠｜\u2212]")
_BLOCK = 64 * 1024


class _Echo:
    """A file for csv.writer that hands back what is written."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: Any) -> Any:
    """What belongs in the cell: numbers stay numbers, dates are ISO, text like a formula gets a leading '."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else ""  # noqa: PLR0124
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value.value if isinstance(value, Enum) else value)
    return f"'{text}" if _FORMULA.match(text) else text


def restore_cell(text: str) -> str:
    """The text that `safe_cell` protected; every other text stays as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The file in blocks: text is quoted, numbers are not, lines end in CR LF."""
    write = csv.writer(_Echo(), quoting=csv.QUOTE_NONNUMERIC).writerow
    lines, size = [str(write([safe_cell(name) for name in header]))], 0
    for row in rows:
        line = str(write([safe_cell(value) for value in row]))
        lines.append(line)
        size += len(line)
        if size >= _BLOCK:
            yield "".join(lines)
            lines, size = [], 0
    yield "".join(lines)


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A download of any length: `rows` is read while it is sent, so give it an iterator of tuples."""
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename) or ""
    response.headers["Cache-Control"] = "no-store"
    return response
