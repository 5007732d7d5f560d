import csv
import gzip
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backorders.models import SalesOrder
from inventory.models import Product
from tests.backorders.files.files import NORTHWIND, ONLINE_RETAIL, written

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("import_csv", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        code = ended.code
    return code, out.getvalue(), err.getvalue()


def test_the_figures_are_one_json_object_and_nothing_else():
    code, out, _ = run("products", NORTHWIND / "products.csv", "--json")

    figures = json.loads(out)
    assert code == 0
    assert {
        name: figures[name] for name in ("kind", "rows", "imported", "updated", "unchanged", "skipped", "rejected")
    } == {
        "kind": "products",
        "rows": 77,
        "imported": 77,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 0,
    }


def test_a_preset_and_a_source_are_found_by_name(tmp_path):
    file = tmp_path / "retail.csv.gz"
    file.write_bytes(gzip.compress(b"".join(ONLINE_RETAIL.read_bytes().splitlines(keepends=True)[:200])))

    code, out, err = run("orders", file, "--mapping", "online-retail", "--source", "shop", "--json")

    figures = json.loads(out)
    assert (code, figures["rows"], figures["rejected"]) == (0, 199, 0)
    assert set(SalesOrder.objects.values_list("source", flat=True)) == {"shop"}
    assert (figures["quantity"] > 0, figures["value"] > 0, "Skipped" in err) == (True, True, True)


def test_a_mapping_of_ones_own_is_a_json_file(tmp_path):
    mapping = tmp_path / "own.json"
    mapping.write_text('{"kind": "products", "columns": {"sku": "Artikel", "name": "Text"}}', "utf-8")

    code, _, _ = run("products", written(tmp_path, ["Artikel;Text", "S-1;Säge"]), "--mapping", mapping)

    assert (code, Product.objects.get().name) == (0, "Säge")


def test_rows_that_were_not_taken_are_written_with_line_and_reason(tmp_path):
    file = written(tmp_path, ["sku,name,price", "S-1,Saw,1", "S-2,Saw,-5", "S-3,=Saw", "S-4,Saw,free"])
    rejects = tmp_path / "rejects.csv"

    code, out, err = run("products", file, "--rejects", rejects, "--json")

    rows = list(csv.reader(StringIO(rejects.read_text("utf-8"), newline="")))
    assert (code, json.loads(out)["rejected"]) == (0, 3)
    assert rows == [
        ["line_number", "reason", "sku", "name", "price"],
        ["3", "price '-5': Must be an amount such as 12.50, with at most four decimals.", "S-2", "Saw", "-5"],
        ["4", "The row has 2 cells, but the first line names 3 columns.", "S-3", "'=Saw"],
        ["5", "price 'free': Must be an amount such as 12.50, with at most four decimals.", "S-4", "Saw", "free"],
    ]
    assert "Line 3: price '-5'" in err


def test_a_corrected_rejects_file_can_be_imported_as_it_is(tmp_path):
    file = written(tmp_path, ["line_number,reason,sku,name,price", "3,too dear,S-2,Saw,5"])

    code, _, err = run("products", file)

    assert (code, Product.objects.get().sku) == (0, "S-2")
    assert "Ignored columns: line_number, reason" in err


def test_strict_ends_with_1_and_writes_nothing(tmp_path):
    file = written(tmp_path, ["sku,name,price", "S-1,Saw,1", "S-2,Saw,x"])

    code, out, err = run("products", file, "--strict", "--json")

    assert (code, json.loads(out)["written"], Product.objects.count()) == (1, False, 0)
    assert "Nothing was imported." in err


def test_a_dry_run_writes_nothing(tmp_path):
    code, out, _ = run("products", NORTHWIND / "products.csv", "--dry-run", "--json")

    assert (code, json.loads(out)["imported"], Product.objects.count()) == (0, 77, 0)


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        (("products", "missing.csv"), "cannot be opened: No such file", 1),
        (("products", NORTHWIND / "customers.csv"), "The file has no column sku. Its columns are: code, name", 1),
        (("orders", ONLINE_RETAIL, "--mapping", "klingon"), "There is no mapping klingon", 2),
        (("products", ONLINE_RETAIL, "--mapping", "online-retail"), "is for orders, not for products", 1),
        (("orders", "x.csv", "--mapping", "missing.json"), "cannot be read: No such file", 2),
    ],
)
def test_what_cannot_be_imported_at_all_is_described(arguments, told, code):
    with pytest.raises(CommandError, match=told) as refused:
        run(*arguments)

    assert refused.value.returncode == code
