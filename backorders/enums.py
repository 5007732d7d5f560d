from django.db.models import TextChoices


class OrderStatus(TextChoices):
    OPEN = "open", "Open"
    PARTLY_SHIPPED = "partly_shipped", "Partly shipped"
    SHIPPED = "shipped", "Shipped"
    CANCELLED = "cancelled", "Cancelled"


ORDER_TRANSITIONS: dict[str, set[str]] = {
    OrderStatus.OPEN: {OrderStatus.PARTLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.CANCELLED},
    OrderStatus.PARTLY_SHIPPED: {OrderStatus.SHIPPED},
    OrderStatus.SHIPPED: set(),
    OrderStatus.CANCELLED: set(),
}


class LineStatus(TextChoices):
    """Computed by the database from the quantities, so there is no transition table: quantities only move forward."""

    WAITING = "waiting", "Waiting"
    PARTLY_ALLOCATED = "partly_allocated", "Partly allocated"
    ALLOCATED = "allocated", "Allocated"
    SHIPPED = "shipped", "Shipped"
    CANCELLED = "cancelled", "Cancelled"


class BackorderReason(TextChoices):
    NONE = "", "Not on backorder"
    HIGH_DEMAND = "high_demand", "High demand"
    SEASONAL = "seasonal", "Seasonal"
    SUPPLIER_DELAY = "supplier_delay", "Supplier delay"
    DATA_ERROR = "data_error", "Data error"
    UNKNOWN = "unknown", "Unknown"


class AllocationKind(TextChoices):
    SOFT = "soft", "Soft: the next run may take it back"
    PINNED = "pinned", "Pinned: fixed by a person"
    HARD = "hard", "Hard: on a pick list"


class AllocationState(TextChoices):
    ACTIVE = "active", "Active"
    SHIPPED = "shipped", "Shipped"
    RELEASED = "released", "Released"


ALLOCATION_TRANSITIONS: dict[str, set[str]] = {
    AllocationState.ACTIVE: {AllocationState.SHIPPED, AllocationState.RELEASED},
    AllocationState.SHIPPED: set(),
    AllocationState.RELEASED: set(),
}


class ShipmentStatus(TextChoices):
    PICKING = "picking", "Picking"
    SHIPPED = "shipped", "Shipped"
    CANCELLED = "cancelled", "Cancelled"


SHIPMENT_TRANSITIONS: dict[str, set[str]] = {
    ShipmentStatus.PICKING: {ShipmentStatus.SHIPPED, ShipmentStatus.CANCELLED},
    ShipmentStatus.SHIPPED: set(),
    ShipmentStatus.CANCELLED: set(),
}


class EventKind(TextChoices):
    PLACED = "placed", "Order line placed"
    BACKORDERED = "backordered", "Backorder opened"
    ALLOCATED = "allocated", "Goods allocated"
    TAKEN_BACK = "taken_back", "Allocation taken back"
    PROMISED = "promised", "Promise date set"
    PICKED = "picked", "On a pick list"
    UNPICKED = "unpicked", "Off the pick list"
    SHIPPED = "shipped", "Shipped"
    CANCELLED = "cancelled", "Cancelled"
    REASON_CORRECTED = "reason_corrected", "Reason corrected"
    RETURNED = "returned", "Returned"


class PromiseSource(TextChoices):
    NONE = "", "No promise yet"
    STOCK = "stock", "Stock on hand"
    PURCHASE_ORDER = "purchase_order", "Purchase order"
    LEAD_TIME = "lead_time", "Lead time of the supplier"
    OVERDUE = "overdue", "Overdue purchase order: no reliable date"
    UNKNOWN = "unknown", "No supplier known: no reliable date"


class PromiseCause(TextChoices):
    """What moved the date."""

    PLACED = "placed", "The order was placed"
    SUPPLY = "supply", "Stock or a purchase order changed"
    QUEUE = "queue", "The queue changed"
    RUN = "run", "An allocation run"
    CALENDAR = "calendar", "Time passed"


class RunKind(TextChoices):
    NIGHTLY = "nightly", "Nightly"
    RECEIPT = "receipt", "After a receipt"
    FREED = "freed", "Units became free"
    MANUAL = "manual", "By hand"
    SIMULATION = "simulation", "Simulation"


class RunStatus(TextChoices):
    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"


RUN_TRANSITIONS: dict[str, set[str]] = {
    RunStatus.RUNNING: {RunStatus.FINISHED, RunStatus.FAILED},
    RunStatus.FAILED: {RunStatus.RUNNING},
    RunStatus.FINISHED: set(),
}


class AllocationMethod(TextChoices):
    SEQUENCE = "sequence", "One after the other"
    FAIR_SHARE = "fair_share", "Fair share of what is there"


class AuditedLedger(TextChoices):
    STOCK = "stock", "Stock ledger"
    TIMELINE = "timeline", "Timeline of the lines"
    PROMISES = "promises", "Promise ledger"
