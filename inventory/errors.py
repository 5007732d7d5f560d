"""Every refusal of stock and purchasing, one class each."""

from config.lib.errors import DomainError


class PurchaseOrderMoveNotAllowed(DomainError):
    """The document's status does not allow this step."""


class NotEnoughStock(DomainError):
    """More units were asked for than are free."""


class ReasonMissing(DomainError):
    """A correction needs a reason."""


class OverReceipt(DomainError):
    """More arrived than ordered and tolerated."""


class ConflictingRepeat(DomainError):
    """The same reference came before with other content."""


class InvalidDate(DomainError):
    """A date that cannot be: in the past, or received before ordered."""


class InvalidQuantity(DomainError):
    """Not a number of units that can be moved, ordered or received."""


class NotActive(DomainError):
    """The product or supplier is no longer traded with."""


class WrongLine(DomainError):
    """The line belongs to another document."""


class SameWarehouse(DomainError):
    """A transfer needs two warehouses."""


class NoAddress(DomainError):
    """The supplier has no e-mail address to write to."""


class SupplierLinkNotValid(DomainError):
    """No link, or one that expired, was revoked or was answered: nobody is told which."""


class OrderChanged(DomainError):
    """The purchase order is not any more what the answer was given to."""


class InvalidAnswer(DomainError):
    """An answer that says nothing, or more or less than what is outstanding."""


class AnswerAlreadyDecided(DomainError):
    """Somebody decided on this part of the answer before, or the supplier replaced it."""


class NoSubstitute(DomainError):
    """A product cannot stand in for itself, nor one that is not sold."""
