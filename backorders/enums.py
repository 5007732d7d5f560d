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


# Whether some line is open, whether something was shipped → the status of the order.
ORDER_STATUS_BY_LINES: dict[tuple[bool, bool], OrderStatus] = {
    (True, True): OrderStatus.PARTLY_SHIPPED,
    (True, False): OrderStatus.OPEN,
    (False, True): OrderStatus.SHIPPED,
    (False, False): OrderStatus.CANCELLED,
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
    SOFT = "soft", "Soft: the next run may reallocate it"
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
    TAKEN_BACK = "taken_back", "Allocation withdrawn"
    PROMISED = "promised", "Promise date set"
    PICKED = "picked", "On a pick list"
    UNPICKED = "unpicked", "Off the pick list"
    SHIPPED = "shipped", "Shipped"
    CANCELLED = "cancelled", "Cancelled"
    REASON_CORRECTED = "reason_corrected", "Reason corrected"
    RETURNED = "returned", "Returned"
    PINNED = "pinned", "Pinned by a person"
    UNPINNED = "unpinned", "Pin removed"
    HELD = "held", "On hold: skipped by runs"
    HOLD_ENDED = "hold_ended", "Hold ended"
    MOVED_AWAY = "moved_away", "Units given to another line"
    MOVED_HERE = "moved_here", "Units received from another line"
    ROLLED_BACK = "rolled_back", "Run rolled back"
    LINK_SENT = "link_sent", "Tracking link sent"
    ASKED = "asked", "Customer asked to decide"
    ANSWERED = "answered", "Decision"
    NOTICED = "noticed", "Delay notice sent"
    REFUND_DUE = "refund_due", "Refund due"
    REFUNDED = "refunded", "Refund sent"


class PromiseSource(TextChoices):
    NONE = "", "No promise yet"
    STOCK = "stock", "Stock on hand"
    PURCHASE_ORDER = "purchase_order", "Purchase order"
    LEAD_TIME = "lead_time", "Lead time of the supplier"
    OVERDUE = "overdue", "Overdue purchase order: no reliable date"
    UNKNOWN = "unknown", "No supplier: no reliable date"


class PromiseCause(TextChoices):
    """What moved the date."""

    PLACED = "placed", "The order was placed"
    SUPPLY = "supply", "Stock or purchase order changed"
    QUEUE = "queue", "The queue changed"
    RUN = "run", "An allocation run"
    CALENDAR = "calendar", "Time passed"


class RunKind(TextChoices):
    NIGHTLY = "nightly", "Nightly"
    RECEIPT = "receipt", "After a receipt"
    FREED = "freed", "Stock freed"
    MANUAL = "manual", "By hand"
    SIMULATION = "simulation", "Simulation"
    ROLLBACK = "rollback", "Roll-back"


class RunStatus(TextChoices):
    """A run that awaits approval wrote nothing but its results; once approved, a run of its own applies them."""

    RUNNING = "running", "Running"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"
    AWAITING = "awaiting", "Awaiting approval"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    DISCARDED = "discarded", "Discarded"
    UNDONE = "undone", "Rolled back"


RUN_TRANSITIONS: dict[str, set[str]] = {
    RunStatus.RUNNING: {RunStatus.FINISHED, RunStatus.FAILED, RunStatus.AWAITING},
    RunStatus.FAILED: {RunStatus.RUNNING},
    RunStatus.AWAITING: {RunStatus.APPROVED, RunStatus.REJECTED},
    RunStatus.FINISHED: {RunStatus.AWAITING, RunStatus.DISCARDED, RunStatus.UNDONE},
    RunStatus.APPROVED: set(),
    RunStatus.REJECTED: set(),
    RunStatus.DISCARDED: set(),
    RunStatus.UNDONE: set(),
}
UNENDED_RUNS = [RunStatus.RUNNING, RunStatus.FAILED]


class OverrideKind(TextChoices):
    """What a person fixes against the order of the queue, always with a reason."""

    PIN = "pin", "Pin units to the line"
    HOLD = "hold", "Hold the line: runs skip it until a date"
    SET = "set", "Set the allocated quantity"
    MOVE = "move", "Move units from another line"


class Resolution(TextChoices):
    """How somebody settled a pool that held more than was there."""

    OPEN = "", "Not decided yet"
    ACCEPTED = "accepted", "The proposed lines give up units"
    CHOSEN = "chosen", "Other lines give up units"


class AuditedLedger(TextChoices):
    STOCK = "stock", "Stock ledger"
    TIMELINE = "timeline", "Timeline of the lines"
    PROMISES = "promises", "Promise ledger"
    LIKELY_DATES = "likely_dates", "Likely dates of the promises"


class AlternativesOrder(TextChoices):
    """What the desk looks at first when a line waits."""

    WAREHOUSE_FIRST = "warehouse-first", "Another warehouse, then a substitute"
    SUBSTITUTE_FIRST = "substitute-first", "A substitute, then another warehouse"
    SUBSTITUTE_ONLY = "substitute-only", "Substitutes only"


class QuestionKind(TextChoices):
    WAIT = "wait", "Wait or cancel"
    SUBSTITUTE = "substitute", "Substitute offered"
    NOTICE = "notice", "Delay notice"


class QuestionState(TextChoices):
    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    DEFAULTED = "defaulted", "Decided without an answer"
    WITHDRAWN = "withdrawn", "Withdrawn"


QUESTION_TRANSITIONS: dict[str, set[str]] = {
    QuestionState.OPEN: {QuestionState.ANSWERED, QuestionState.DEFAULTED, QuestionState.WITHDRAWN},
    QuestionState.ANSWERED: set(),
    QuestionState.DEFAULTED: set(),
    QuestionState.WITHDRAWN: set(),
}


class Answer(TextChoices):
    KEEP_WAITING = "keep-waiting", "Keep waiting"
    CANCEL_UNITS = "cancel-units", "Cancel some units"
    CANCEL_REST = "cancel-rest", "Cancel the rest of the line"
    CANCEL_ALL = "cancel-all", "Cancel all that is open of the order"
    SHIP_NOW = "ship-now", "Ship what is in stock now"
    SUBSTITUTE = "substitute", "Take the substitute"


class DecidedBy(TextChoices):
    CUSTOMER = "customer", "Customer"
    STAFF = "staff", "Staff for the customer"
    SILENCE = "silence", "Silence"
    LAW = "law", "Deadline of the law"


class RefundMethod(TextChoices):
    AS_PAID = "as_paid", "The way it was paid"
    CHECK = "check", "Cash, check or money order"
    NOTHING_PAID = "nothing_paid", "Nothing had been paid"


class DelayStepKind(TextChoices):
    """What the evidence of a delay consists of."""

    OPENED = "opened", "Under the rule"
    CORRECTED = "corrected", "Facts corrected"
    LEARNED = "learned", "Delay became known"
    BLOCKED = "blocked", "Notice held back"
    VESTED = "vested", "Right to a refund vested"
    SETTLED = "settled", "Settled"


class DemandMark(TextChoices):
    """Demand that does not tell of the usual one."""

    PROMOTION = "promotion", "Promotion"
    ONE_OFF = "one_off", "One-off order"


class ValueClass(TextChoices):
    """By the value of their demand: A makes 80 % of it, B the next 15 %, C the rest."""

    A = "A", "A"
    B = "B", "B"
    C = "C", "C"


class ProposalState(TextChoices):
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    LAPSED = "lapsed", "Lapsed"


PROPOSAL_TRANSITIONS: dict[str, set[str]] = {
    ProposalState.PROPOSED: {ProposalState.APPROVED, ProposalState.REJECTED, ProposalState.LAPSED},
    ProposalState.APPROVED: set(),
    ProposalState.REJECTED: set(),
    ProposalState.LAPSED: set(),
}


class SecondFactor(TextChoices):
    """When a role asks for one. A desk that others reach is served over https, so a demo on one machine asks nobody."""

    NEVER = "never", "Not required"
    WHEN_SERVED = "when_served", "Required where the desk is reached over https"
    ALWAYS = "always", "Required everywhere"
