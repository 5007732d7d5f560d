from backorders.models.allocations import Allocation, Shipment
from backorders.models.audit import AuditSeal
from backorders.models.forecasts import (
    DemandMeter,
    DemandWeek,
    Forecast,
    ForecastOverride,
    ForecastRun,
    MarketTrend,
)
from backorders.models.notices import DelayCase, DelayNotice, DelayStep
from backorders.models.orders import OrderLine, SalesOrder
from backorders.models.overrides import LineOverride, PoolBlock, PoolLoss
from backorders.models.policies import AllocationPolicy, DeskSettings, PolicyVersion
from backorders.models.questions import Decision, Question, RefundTask
from backorders.models.replenishment import ReorderProposal, ServiceLevel, StockingRule, StockoutWarning
from backorders.models.reservations import Peg, Quota, RunParked, RunRelease, RunWait
from backorders.models.runs import (
    AllocationRun,
    AwayResult,
    Comparison,
    RunException,
    RunPromise,
    RunResult,
    RunShard,
    RunSkip,
    ShardSnapshot,
)
from backorders.models.serving import Serving
from backorders.models.sign_in import SignInRule
from backorders.models.timeline import LineEvent, Promise, PromiseQuerySet, QueueState
from backorders.models.tracking import CustomerSettings, TrackingLink

__all__ = [
    "Allocation",
    "AllocationPolicy",
    "AllocationRun",
    "AuditSeal",
    "AwayResult",
    "Comparison",
    "CustomerSettings",
    "Decision",
    "DelayCase",
    "DelayNotice",
    "DelayStep",
    "DemandMeter",
    "DemandWeek",
    "DeskSettings",
    "Forecast",
    "ForecastOverride",
    "ForecastRun",
    "LineEvent",
    "LineOverride",
    "MarketTrend",
    "OrderLine",
    "Peg",
    "PolicyVersion",
    "PoolBlock",
    "PoolLoss",
    "Promise",
    "PromiseQuerySet",
    "Question",
    "QueueState",
    "Quota",
    "RefundTask",
    "ReorderProposal",
    "RunException",
    "RunParked",
    "RunPromise",
    "RunRelease",
    "RunResult",
    "RunShard",
    "RunSkip",
    "RunWait",
    "SalesOrder",
    "ServiceLevel",
    "Serving",
    "ShardSnapshot",
    "Shipment",
    "SignInRule",
    "StockingRule",
    "StockoutWarning",
    "TrackingLink",
]
