from backorders.models.allocations import Allocation, Shipment
from backorders.models.audit import AuditSeal
from backorders.models.orders import OrderLine, SalesOrder
from backorders.models.policies import AllocationPolicy, DeskSettings
from backorders.models.runs import AllocationRun, RunResult, RunShard
from backorders.models.timeline import LineEvent, Promise, QueueState

__all__ = [
    "Allocation",
    "AllocationPolicy",
    "AllocationRun",
    "AuditSeal",
    "DeskSettings",
    "LineEvent",
    "OrderLine",
    "Promise",
    "QueueState",
    "RunResult",
    "RunShard",
    "SalesOrder",
    "Shipment",
]
