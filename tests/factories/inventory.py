from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from inventory.engine.deliveries import Scope
from inventory.engine.lead_times import QUANTILES
from inventory.enums import LeadTimeKind, PurchaseOrderStatus, StockKind
from inventory.models import (
    Category,
    LeadTimeCurve,
    LeadTimeFit,
    LeadTimeScore,
    Product,
    PurchaseOrder,
    PurchaseOrderLine,
    StockEntry,
    StockLevel,
    Supplier,
    SupplierProduct,
    Warehouse,
)
from tests.inventory.engine.curves import curve_of

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


class LeadTimeFitFactory(DjangoModelFactory):
    class Meta:
        model = LeadTimeFit

    deliveries = 40
    still_open = 3
    order_leaning = 20
    word_leaning = 20
    fitted_at = MONDAY


class LeadTimeCurveFactory(DjangoModelFactory):
    """`LeadTimeCurveFactory(supplier=…, past=[10, 12, 30])`: these deliveries of the supplier, none still open."""

    class Meta:
        model = LeadTimeCurve

    class Params:
        past = (10, 12, 12, 14, 15, 18, 21, 30)

    fit = factory.SubFactory(LeadTimeFitFactory)
    kind = LeadTimeKind.ORDER
    scope = Scope.SUPPLIER
    supplier = factory.SubFactory(SupplierFactory)
    n = factory.LazyAttribute(lambda row: len(row.past))
    still_open = 0
    since = date(2025, 2, 3)
    days = factory.LazyAttribute(lambda row: list(curve_of(row.past).days))
    shares = factory.LazyAttribute(lambda row: list(curve_of(row.past).shares))
    p10, p50, p80, p90, p95 = (
        factory.LazyAttribute(lambda row, percent=percent: curve_of(row.past).quantile(percent))
        for percent in QUANTILES
    )


class LeadTimeScoreFactory(DjangoModelFactory):
    class Meta:
        model = LeadTimeScore

    supplier = factory.SubFactory(SupplierFactory)
    kind = LeadTimeKind.ORDER
    month = date(2025, 10, 1)
    n = 20
    within_p50 = 11
    within_p80 = 16
    within_p90 = 18
    loss = 30.0
    stated_loss = 44.0
