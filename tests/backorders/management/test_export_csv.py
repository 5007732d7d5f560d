import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db


def exported(*arguments) -> str:
    out = StringIO()
    call_command("export_csv", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_list_goes_to_standard_output():
    ProductFactory(sku="SAW-201", name="=Saw")

    header, row = csv.reader(StringIO(exported("products")))

    assert header[:2] == ["sku", "name"]
    assert row[:2] == ["SAW-201", "'=Saw"]


def test_a_list_goes_to_a_file_and_the_figures_to_standard_output(tmp_path):
    ProductFactory.create_batch(2)
    file = tmp_path / "products.csv"

    figures = json.loads(exported("products", "--output", file, "--json"))

    assert figures == {"kind": "products", "rows": 2, "file": str(file)}
    assert len(file.read_text("utf-8").splitlines()) == 3


def test_figures_without_a_file_are_wrong_usage():
    with pytest.raises(CommandError) as refused:
        exported("products", "--json")

    assert refused.value.returncode == 2
