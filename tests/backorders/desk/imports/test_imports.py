import gzip

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from backorders.desk.imports.imports import NEEDED
from backorders.files import KINDS
from inventory.models import Product
from tests.backorders.desk.desk import signed_in

pytestmark = pytest.mark.django_db
MAY = ("backorders.import_csv", "inventory.change_product")
GOOD = b"sku,name,price\nSAW-201,Bow saw,12.50\n"
HALF = b"sku,name,price\nSAW-201,Bow saw,12.50\nSAW-202,=Saw,cheap\n"


def upload(client, content, **fields):
    file = SimpleUploadedFile("products.csv", content, content_type="text/csv")
    return client.post("/imports/", {"kind": "products", "mapping": "", "source": "", "file": file} | fields)


def refusal(response):
    return response.context["form"].errors["file"][0]


def test_only_who_may_import_sees_the_page(client):
    assert signed_in(client, "backorders.view_salesorder").get("/imports/").status_code == 403
    assert upload(client, GOOD).status_code == 403
    assert signed_in(client, "backorders.import_csv").get("/imports/").status_code == 403
    assert upload(client, GOOD).status_code == 403
    assert signed_in(client, *MAY).get("/imports/").status_code == 200


def test_every_kind_of_file_needs_a_permission_of_its_own():
    assert NEEDED.keys() == KINDS.keys()


@pytest.mark.parametrize(("kind", "permission"), NEEDED.items())
def test_who_may_not_do_it_on_a_page_may_not_do_it_by_a_file(client, kind, permission):
    signed_in(client, "backorders.import_csv", permission)
    other = "products" if kind != "products" else "stock-counts"

    page = client.get("/imports/")
    refused = upload(client, GOOD, kind=other)

    assert [value for value, _ in page.context["form"].fields["kind"].choices] == [kind]
    assert [name for name, *_ in page.context["columns"]] == [kind]
    assert "kind" in refused.context["form"].errors
    assert "report" not in refused.context


def test_a_file_is_imported_and_every_row_is_told(client):
    response = upload(signed_in(client, *MAY), GOOD)

    assert response.context["figures"]["imported"] == 1
    assert "All rows were imported." in response.content.decode()
    assert Product.objects.get().sku == "SAW-201"


def test_trying_it_writes_nothing(client):
    response = upload(signed_in(client, *MAY), GOOD, dry_run="on")

    assert (response.context["figures"]["imported"], Product.objects.count()) == (1, 0)
    assert "Trial run, nothing was imported" in response.content.decode()


def test_rows_that_were_not_taken_can_be_fetched_by_who_imported_them(client):
    response = upload(signed_in(client, *MAY), HALF)
    address = f"/imports/rejects/{response.context['rejects_token']}/"

    fetched = client.get(address)
    of_another = signed_in(client, *MAY).get(address)

    assert response.context["rejects"] == [
        (3, "price 'cheap': Must be an amount such as 12.50, with at most four decimals.")
    ]
    assert fetched.content.decode().splitlines()[1].endswith(",SAW-202,'=Saw,cheap")
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="rejects.csv"'
    assert of_another.status_code == 404


def test_all_or_nothing_takes_nothing(client):
    upload(signed_in(client, *MAY), HALF, strict="on")

    assert Product.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"sku,name\n" + b"A,b\n" * 10_001, "The file has more than 10,000 rows: split it, or use import_csv."),
        (",".join(f"c{n}" for n in range(41)).encode() + b"\n", "The file has 41 columns; 40 are allowed."),
        (b"x" * (5 * 1024 * 1024 + 1), "The file has more than 5 MB: split it, or use import_csv."),
        (gzip.compress(GOOD, mtime=0), "The file is compressed: unpack it first."),
        (b"name\nSaw\n", "The file has no column sku. Its columns are: name."),
        (b"PK\x03\x04", "The file is a workbook or a ZIP archive: save it as CSV UTF-8."),
    ],
)
def test_a_file_beyond_the_limits_is_refused_whole(client, content, told):
    response = upload(signed_in(client, *MAY), content)

    assert (refusal(response), Product.objects.count()) == (told, 0)


def test_a_mapping_for_another_kind_is_refused(client):
    response = upload(signed_in(client, *MAY, "backorders.place_order"), GOOD, mapping="online-retail")

    assert refusal(response) == "The mapping online-retail is for orders, not for products."


def test_a_mapping_for_a_kind_that_one_may_not_import_is_not_offered(client):
    response = upload(signed_in(client, *MAY), GOOD, mapping="online-retail")

    assert "mapping" in response.context["form"].errors
    assert Product.objects.count() == 0


def test_rejects_are_gone_after_a_while(client):
    response = upload(signed_in(client, *MAY), HALF)
    cache.clear()

    assert client.get(f"/imports/rejects/{response.context['rejects_token']}/").status_code == 404
