"""Every refusal of orders, allocation and shipping, one class each; the message is for the person at the screen."""

from collections.abc import Mapping, Sequence

from config.lib.errors import DomainError


class OrderRefused(DomainError):
    """The order cannot be taken as it is; names the line and the reason. `by_line` has the reasons by external line."""

    def __init__(self, message: str, by_line: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.by_line = dict(by_line or {})


class BackorderRefused(OrderRefused):
    """The product's backorder policy or limit does not let the order wait."""


class ConflictingOrder(OrderRefused):
    """The same source and external number came before with other content."""


class NotReadyToShip(DomainError):
    """Fewer units are allocated than were to be shipped, or the order ships complete."""


class CannotCancel(DomainError):
    """More units were to be cancelled than are open."""


class MoveNotAllowed(DomainError):
    """The document's status does not allow this step."""


class NothingToReturn(DomainError):
    """More units come back than were shipped."""


class StockSpokenFor(DomainError):
    """Pick lists hold units that a correction would take away."""


class PolicyUnknown(DomainError):
    """There is no such allocation policy."""


class PolicyRefused(DomainError):
    """What the policy says makes no sense to a run; `problems` are pairs of a place in its definition and a reason."""

    def __init__(self, message: str, problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class QuotaRefused(DomainError):
    """The quota makes no sense; `by_field` has the reasons."""

    def __init__(self, message: str, by_field: Mapping[str, str]) -> None:
        super().__init__(message)
        self.by_field = dict(by_field)


class PegRefused(DomainError):
    """The goods on their way cannot be meant for this line."""


class StaleForm(DomainError):
    """Somebody else changed the document since the page was opened."""


class CannotAsk(DomainError):
    """The line is not waiting, was asked already, or what is offered does not fit."""


class DecisionRefused(DomainError):
    """The line is shipped or cancelled, the question is settled or too old, or the answer is none of those offered.

    `code` names the reason, so that the customer's page can tell it in the customer's language.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class RefundSettled(DomainError):
    """The refund was recorded before."""


class NoticeIncomplete(DomainError):
    """A required statement is missing from the notice: it must not be sent."""


class NobodyToTell(DomainError):
    """The customer has no email address."""


class CannotOverride(DomainError):
    """What a person wants to fix against the queue is not possible as things stand."""


class CannotApply(DomainError):
    """The results of a run cannot be applied, discarded or approved (any more)."""


class CannotRollBack(DomainError):
    """What a run did was picked, shipped or changed since."""


class PoolBlocked(NotReadyToShip):
    """Somebody has to settle first who loses units that are not there."""


class SnapshotGone(DomainError):
    """What a run saw is not kept, not kept any more, or not what it was."""


class DemandNotMarked(DomainError):
    """A week has less demand than was to be marked."""


class OverrideRefused(DomainError):
    """A forecast is overridden with a reason, for days to come, within bounds."""


class NotProposed(DomainError):
    """The reorder proposal was decided already, or nobody offers the product."""


class TrendRefused(DomainError):
    """A market trend has a factor within bounds, a reason, and ends after today."""


class StockingRefused(DomainError):
    """A service level lies between 50 and 99.9 per cent, and a class is A, B or C."""
