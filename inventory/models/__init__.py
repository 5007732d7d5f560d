from inventory.models.lead_times import LeadTimeCurve, LeadTimeFit, LeadTimeScore
from inventory.models.products import Category, Product, Warehouse
from inventory.models.purchasing import PurchaseDateChange, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from inventory.models.stock import StockEntry, StockLevel
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
    "Receipt",
    "ReceiptLine",
    "StockEntry",
    "StockLevel",
    "Supplier",
    "SupplierProduct",
    "Warehouse",
]
