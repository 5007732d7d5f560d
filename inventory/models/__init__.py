from inventory.models.answers import (
    SupplierAnswer,
    SupplierAnswerLine,
    SupplierAnswerPart,
    SupplierLink,
    SupplierQuestion,
)
from inventory.models.lead_times import LeadTimeCurve, LeadTimeFit, LeadTimeScore
from inventory.models.products import Category, Product, Warehouse
from inventory.models.purchasing import PurchaseDateChange, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from inventory.models.settings import PurchasingSettings
from inventory.models.stock import StockEntry, StockLevel
from inventory.models.substitutes import Substitute
from inventory.models.suppliers import Supplier, SupplierProduct

__all__ = [
    "Category",
    "LeadTimeCurve",
    "LeadTimeFit",
    "LeadTimeScore",
    "Product",
    "PurchaseDateChange",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchasingSettings",
    "Receipt",
    "ReceiptLine",
    "StockEntry",
    "StockLevel",
    "Substitute",
    "Supplier",
    "SupplierAnswer",
    "SupplierAnswerLine",
    "SupplierAnswerPart",
    "SupplierLink",
    "SupplierProduct",
    "SupplierQuestion",
    "Warehouse",
]
