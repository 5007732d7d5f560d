import pytest

from backorders.files import KINDS, find_mapping, presets
from backorders.models import OrderLine
from config.lib.csv.mapping import MappingRefused
from tests.backorders.files.files import counts, imported, written
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_a_mapping_for_a_kind_and_its_fields(name):
    kind = next(kind for kind in KINDS if name in presets(kind))

    mapping = find_mapping(name, kind)

    assert set(mapping.columns) <= {column.name for column in KINDS[kind].columns}


def test_northwind_is_short_for_the_preset_of_the_kind():
    assert find_mapping("northwind", "suppliers").name == "northwind-suppliers"
    with pytest.raises(MappingRefused, match="There is no mapping northwind"):
        find_mapping("northwind", "receipts")


@pytest.mark.django_db
def test_raw_northwind_orders_take_their_heads_from_the_file_beside_them(tmp_path):
    CustomerFactory(code="VINET")
    ProductFactory(sku="NW-011")
    ProductFactory(sku="NW-042")
    written(
        tmp_path,
        [
            "OrderID,CustomerID,OrderDate,RequiredDate,ShippedDate",
            "10248,VINET,1996-07-04 00:00:00.000,1996-08-01 00:00:00.000,1996-07-16 00:00:00.000",
            "11077,VINET,1998-05-06 00:00:00.000,1998-06-03 00:00:00.000,",
        ],
        "orders.csv",
    )
    details = written(
        tmp_path,
        [
            "OrderID,ProductID,UnitPrice,Quantity,Discount",
            "10248,11,14.0,12,0.0",
            "10248,42,9.8,10,0.0",
            "11077,11,14.0,5,0.2",
            "11078,11,14.0,5,0.2",
        ],
        "order_details.csv",
    )

    report = imported("orders", details, mapping="northwind")

    lines = OrderLine.objects.order_by("pk").values_list("external_line", "ordered", "shipped", "requested_on__day")
    assert counts(report) == (4, 3, 0, 0, 0, 1)
    assert report.rejects == {5: "OrderID '11078' is not in the file that is looked up."}
    assert list(lines) == [("nw-011|1", 12, 12, 1), ("nw-042|1", 10, 10, 1), ("nw-011|1", 5, 0, 3)]
