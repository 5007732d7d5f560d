"""The emails to suppliers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from notifications.payloads.orders import MailLine, Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseMailLine(MailLine):
    """A quantity that a supplier is asked for by `promised_on`; in a reply also what became of their proposal.

    `outcome` is blank, accepted, countered or declined; `previous_promised_on` is then the day that they proposed.
    """

    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseMail(Payload):
    """One email to a supplier about one purchase order; `answer_url` opens it without a login until `answer_until`."""

    supplier_name: str
    order_number: str
    deliver_to: str
    answer_url: str
    answer_until: str
    note: str = ""

    @property
    def answer_until_on(self) -> date:
        return date.fromisoformat(self.answer_until)

    @property
    def accepted_lines(self) -> list[PurchaseMailLine]:
        return self._with_outcome("accepted")

    @property
    def countered_lines(self) -> list[PurchaseMailLine]:
        return self._with_outcome("countered")

    @property
    def declined_lines(self) -> list[PurchaseMailLine]:
        return self._with_outcome("declined")

    def _with_outcome(self, outcome: str) -> list[PurchaseMailLine]:
        return [line for line in self.lines if isinstance(line, PurchaseMailLine) and line.outcome == outcome]

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        return cls(**{**context, "lines": tuple(PurchaseMailLine.from_context(line) for line in context["lines"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderMail(PurchaseMail):
    """The order itself: `quantity` units of each line, wanted by `promised_on`."""

    kind: ClassVar[str] = "purchase_order"
    label: ClassVar[str] = "Purchase order"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseReminder(PurchaseMail):
    """The same once more, because no answer came."""

    kind: ClassVar[str] = "purchase_reminder"
    label: ClassVar[str] = "Reminder to a supplier"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseQuestion(PurchaseMail):
    """Lines that customers wait for: can they come by `promised_on`, before `previous_promised_on`?"""

    kind: ClassVar[str] = "purchase_question"
    label: ClassVar[str] = "Question to a supplier"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseReply(PurchaseMail):
    """What became of the supplier's answer, line by line."""

    kind: ClassVar[str] = "purchase_reply"
    label: ClassVar[str] = "Reply to a supplier"
