from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from inventory.enums import PurchaseOrderStatus, StockKind
from inventory.models import (
    Category,
    Product,
    PurchaseOrder,
    PurchaseOrderLine,
    StockEntry,
    StockLevel,
    Supplier,
    SupplierProduct,
    Warehouse,
)

MONDAY = datetime(2025, 11, 3, 9, 0, tzinfo=UTC)


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("name",)

    name = "Hand tools"


class WarehouseFactory(DjangoModelFactory):
    """MAIN comes with a migration, so a known code is that row."""

    class Meta:
        model = Warehouse
        django_get_or_create = ("code",)

    code = "MAIN"
    name = factory.LazyAttribute(lambda warehouse: f"{warehouse.code.title()} warehouse")


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"SAW-{n:04}")
    name = factory.Sequence(lambda n: f"Panel saw {n}")
    price = Decimal("19.90")
    cost = Decimal("11.20")


class StockEntryFactory(DjangoModelFactory):
    class Meta:
        model = StockEntry

    stock_level = factory.SubFactory("tests.factories.inventory.StockLevelFactory")
    delta = 10
    kind = StockKind.ADJUSTMENT
    idempotency_key = factory.Sequence(lambda n: f"factory:{n}")
    made_at = MONDAY


class StockLevelFactory(DjangoModelFactory):
    """`StockLevelFactory(on_hand=10)` books ten units into the ledger: nobody writes the counter itself."""

    class Meta:
        model = StockLevel
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    warehouse = factory.SubFactory(WarehouseFactory)

    @factory.post_generation
    def on_hand(self, create, extracted, **kwargs):
        if extracted:
            StockEntryFactory(stock_level=self, delta=extracted)
            self.refresh_from_db()


class SupplierFactory(DjangoModelFactory):
    class Meta:
        model = Supplier

    code = factory.Sequence(lambda n: f"S{n:04}")
    name = factory.Sequence(lambda n: f"Nordwerk {n}")
    email = factory.LazyAttribute(lambda supplier: f"{supplier.code.lower()}@example.com")


class SupplierProductFactory(DjangoModelFactory):
    class Meta:
        model = SupplierProduct

    supplier = factory.SubFactory(SupplierFactory)
    product = factory.SubFactory(ProductFactory)
    lead_time_days = 10
    cost = Decimal("9.50")


class PurchaseOrderFactory(DjangoModelFactory):
    """Sent on 3 November 2025 unless a status is given; without lines."""

    class Meta:
        model = PurchaseOrder

    number = factory.Sequence(lambda n: f"PO-{90000 + n}")
    supplier = factory.SubFactory(SupplierFactory)
    warehouse = factory.SubFactory(WarehouseFactory)
    status = PurchaseOrderStatus.SENT
    ordered_on = MONDAY.date()
    created_at = MONDAY


class PurchaseOrderLineFactory(DjangoModelFactory):
    class Meta:
        model = PurchaseOrderLine

    purchase_order = factory.SubFactory(PurchaseOrderFactory)
    number = factory.LazyAttribute(lambda line: line.purchase_order.lines.count() + 1)
    product = factory.SubFactory(ProductFactory)
    ordered = 10
    requested_on = date(2025, 11, 17)
    cost = Decimal("11.20")
    first_confirmed_on = factory.LazyAttribute(lambda line: line.confirmed_on)
    confirmed_on = None
