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
        "Units filled at the first attempt ÷ units ordered, of the lines entered in the period. What was delivered "
        "later does not count.",
        lines=Population.ENTERED,
    ),
    "line_fill": FigureDefinition(
        "Line fill rate",
        "Lines filled completely at the first attempt ÷ lines entered in the period.",
        lines=Population.ENTERED,
    ),
    "order_fill": FigureDefinition(
        "Order fill rate",
        "Orders of which every line was filled completely at the first attempt ÷ orders entered in the period.",
        lines=Population.ENTERED,
    ),
    "backorder_rate": FigureDefinition(
        "Backorder rate",
        "Lines that could not be filled completely at the first attempt ÷ lines entered in the period.",
        lines=Population.ENTERED,
        more_is_better=False,
    ),
    "otif": FigureDefinition(
        "OTIF, as requested",
        "Lines complete on or before the requested day ÷ lines whose requested day passed in the period. Wholly "
        "cancelled lines are left out; a line that is due today counts from tomorrow.",
        lines=Population.DUE,
    ),
    "otif_promised": FigureDefinition(
        "OTIF, as promised",
        "The same against the last day that the customer was told, of the lines whose told day passed in the period.",
        lines=Population.DUE_AS_PROMISED,
    ),
    "accuracy_first": FigureDefinition(
        "Promise accuracy, first promise",
        "Lines complete on or before the first day that was promised ÷ promised lines that left or became overdue in "
        "the period. Overdue and not shipped is a miss. “Stock on hand” is no promised day.",
        lines=Population.FIRST_PROMISE,
    ),
    "accuracy_last": FigureDefinition(
        "Promise accuracy, last promise",
        "The same against the last day that the customer was told.",
        lines=Population.LAST_PROMISE,
    ),
    "slip_mean": FigureDefinition(
        "Promise slip, mean",
        "Day of the last shipment − first promised day, mean over the backorders completed in the period.",
        Form.DAYS,
        Population.FILLED,
        more_is_better=False,
    ),
    "slip_p90": FigureDefinition(
        "Promise slip, P90",
        "The slip that nine of ten of these lines did not exceed (nearest rank).",
        Form.DAYS,
        Population.FILLED,
        more_is_better=False,
    ),
    "changes": FigureDefinition(
        "Changes of date per line",
        "Rows of the promise ledger after the first one, mean over the same lines.",
        Form.COUNT,
        Population.FILLED,
        more_is_better=False,
    ),
    "fill_median": FigureDefinition(
        "Time to fill, median",
        "Last shipment − begin of the backorder, of backorders completed in the period. Closed lines only: what still "
        "waits is in the ageing.",
        Form.DAYS,
        Population.FILLED,
        more_is_better=False,
    ),
    "fill_p90": FigureDefinition(
        "Time to fill, P90",
        "The time that nine of ten completed backorders did not exceed (nearest rank). Closed lines only.",
        Form.DAYS,
        Population.FILLED,
        more_is_better=False,
    ),
    "backorder_days": FigureDefinition(
        "Backorder-days",
        "Open units of backorders × the days that they waited in the period, in unit-days: the fill rates do not see "
        "how long a customer waits.",
        Form.COUNT,
        Population.WAITING,
        more_is_better=False,
    ),
    "cancelled": FigureDefinition(
        "Cancelled while waiting",
        "Units cancelled on backorders ÷ backordered units whose wait ended in the period, by cancellation or "
        "shipment: the lost-sales signal.",
        lines=Population.CANCELLED,
        more_is_better=False,
    ),
}
DEFINITIONS |= {
    "save_rate": FigureDefinition(
        "Save rate",
        "Answers that kept the sale (wait, or a substitute) ÷ questions that were asked in the period; what the desk "
        "took back is left out. An answer by silence counts as what silence meant.",
        page="backorders:questions",
    ),
    "notices": FigureDefinition(
        "Delay notices in time",
        "First notices given by the applicable time ÷ lines that needed one, whose applicable time fell into the "
        "period. Target: 100 %.",
        page="backorders:compliance",
    ),
    "refunds": FigureDefinition(
        "Refunds in time",
        "Refunds sent by the day that the law sets ÷ such refunds due in the period. Target: 100 %.",
        page="backorders:refunds",
    ),
}
GROUPS: dict[str, tuple[str, ...]] = {
    "At the first attempt": ("unit_fill", "line_fill", "order_fill", "backorder_rate"),
    "Deliveries": ("otif", "otif_promised"),
    "Promises": ("accuracy_first", "accuracy_last", "slip_mean", "slip_p90", "changes"),
    "Answers and notices": ("save_rate", "notices", "refunds"),
    "Waiting": ("fill_median", "fill_p90", "backorder_days", "cancelled"),
}
