"""What each figure of a period means, in the words that stand beside it."""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a value reads."""

    PERCENT = "percent"
    DAYS = "days"
    COUNT = "count"


class Population(StrEnum):
    """The lines behind a figure."""

    ENTERED = "entered"
    DUE = "due"
    DUE_AS_PROMISED = "due-as-promised"
    FIRST_PROMISE = "first-promise"
    LAST_PROMISE = "last-promise"
    FILLED = "filled"
    WAITING = "waiting"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FigureDefinition:
    name: str
    text: str
    form: Form = Form.PERCENT
    lines: Population | None = None
    more_is_better: bool = True
    page: str = ""  # where its rows stand when they are no lines


DEFINITIONS: dict[str, FigureDefinition] = {
    "unit_fill": FigureDefinition(
        "Unit fill rate",
        "Units filled at once ÷ units ordered, for lines entered in the period. Later deliveries do not count.",
        lines=Population.ENTERED,
    ),
    "line_fill": FigureDefinition(
        "Line fill rate",
        "Lines filled completely at once ÷ lines entered in the period.",
        lines=Population.ENTERED,
    ),
    "order_fill": FigureDefinition(
        "Order fill rate",
        "Orders with every line filled completely at once ÷ orders entered in the period.",
        lines=Population.ENTERED,
    ),
    "backorder_rate": FigureDefinition(
        "Backorder rate",
        "Lines not filled completely at once ÷ lines entered in the period.",
        lines=Population.ENTERED,
        more_is_better=False,
    ),
    "otif": FigureDefinition(
        "OTIF, as requested",
        "Lines complete by the requested date ÷ lines whose requested date passed in the period. Cancelled lines are "
        "not counted. A line due today counts from tomorrow.",
        lines=Population.DUE,
    ),
    "otif_promised": FigureDefinition(
        "OTIF, as promised",
        "The same against the last promised date, for lines whose promised date passed in the period.",
        lines=Population.DUE_AS_PROMISED,
    ),
    "accuracy_first": FigureDefinition(
        "Promise accuracy, first promise",
        "Lines complete by the first promised date ÷ promised lines shipped or overdue in the period. An overdue line "
        "is a miss. Lines filled from stock have no promised date.",
        lines=Population.FIRST_PROMISE,
    ),
    "accuracy_last": FigureDefinition(
        "Promise accuracy, last promise",
        "The same against the last promised date.",
        lines=Population.LAST_PROMISE,
    ),
    "slip_mean": FigureDefinition(
        "Promise slip, mean",
        "Last shipment − first promised date, mean over backorders completed in the period.",
        Form.DAYS,
        Population.FILLED,
        more_is_better=False,
    ),
    "slip_p90": FigureDefinition(
        "Promise slip, P90",
        "90 % of these lines slipped by no more than this (nearest rank).",
        Form.DAYS,
        Population.FILLED,
        more_is_better=False,
    ),
    "changes": FigureDefinition(
        "Changes of date per line",
        "Changes of the promised date per line, mean over the same lines.",
        Form.COUNT,
        Population.FILLED,
        more_is_better=False,
    ),
    "fill_median": FigureDefinition(
        "Time to fill, median",
        "Last shipment − start of the backorder, for backorders completed in the period.",
        Form.DAYS,
        Population.FILLED,
        more_is_better=False,
    ),
    "fill_p90": FigureDefinition(
        "Time to fill, P90",
        "90 % of completed backorders took no longer than this (nearest rank).",
        Form.DAYS,
        Population.FILLED,
        more_is_better=False,
    ),
    "backorder_days": FigureDefinition(
        "Backorder-days",
        "Open backordered units × days waited in the period, in unit-days.",
        Form.COUNT,
        Population.WAITING,
        more_is_better=False,
    ),
    "cancelled": FigureDefinition(
        "Cancelled while waiting",
        "Units cancelled on backorder ÷ backordered units cancelled or shipped in the period.",
        lines=Population.CANCELLED,
        more_is_better=False,
    ),
}
DEFINITIONS |= {
    "save_rate": FigureDefinition(
        "Save rate",
        "Answers that kept the sale (wait or substitute) ÷ questions asked in the period. Withdrawn questions are not "
        "counted. No answer counts as its default.",
        page="backorders:questions",
    ),
    "notices": FigureDefinition(
        "Delay notices in time",
        "First notices sent in time ÷ lines that needed one in the period. Target: 100 %.",
        page="backorders:compliance",
    ),
    "refunds": FigureDefinition(
        "Refunds in time",
        "Refunds sent by the legal due date ÷ legal refunds due in the period. Target: 100 %.",
        page="backorders:refunds",
    ),
}
GROUPS: dict[str, tuple[str, ...]] = {
    "Filled at once": ("unit_fill", "line_fill", "order_fill", "backorder_rate"),
    "Deliveries": ("otif", "otif_promised"),
    "Promises": ("accuracy_first", "accuracy_last", "slip_mean", "slip_p90", "changes"),
    "Answers and notices": ("save_rate", "notices", "refunds"),
    "Waiting": ("fill_median", "fill_p90", "backorder_days", "cancelled"),
}
