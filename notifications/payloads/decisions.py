"""What customers are asked, and what the law has us tell them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from notifications.payloads.orders import MailLine, OrderMail


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked(OrderMail):
    """The customer is asked to decide about `quantity` waiting units until `deadline`; `default` is what silence means.

    With the question "substitute", `offered` names units and product and `offered_price` what one costs. `value` is
    what the waiting units cost together.
    """

    digestible: ClassVar[bool] = False
    transactional: ClassVar[bool] = True  # the answer has a deadline

    question: str = "wait"
    default: str = "keep-waiting"
    deadline: str = ""
    offered: str = ""
    offered_price: str = ""
    value: str = ""

    kind: ClassVar[str] = "question_asked"
    label: ClassVar[str] = "Question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded(OrderMail):
    """Money for `quantity` cancelled units of a line is on its way."""

    digestible: ClassVar[bool] = False
    transactional: ClassVar[bool] = True

    amount: str = ""
    currency: str = ""

    kind: ClassVar[str] = "refunded"
    label: ClassVar[str] = "Refund sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence that the law requires, filled in."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayNoticeGiven(OrderMail):
    """The notice that the law on delayed orders requires, with its statements; `quantity` units of each line wait."""

    legal: ClassVar[bool] = True
    digestible: ClassVar[bool] = False

    renewed: bool = False
    statements: tuple[Statement, ...] = ()

    kind: ClassVar[str] = "delay_notice"
    label: ClassVar[str] = "Delay notice"

    @classmethod
    def examples(cls) -> Sequence[Self]:
        line = MailLine(sku="LAMP-1", name="Lamp", quantity=1, ordered=1, open=1)
        statement = Statement(key="required statement", text="The statements that the law requires stand here.")
        return [
            cls(
                customer_name="Example",
                order_number="SO-1",
                tracking_url="https://desk.example/t/example/",
                lines=(line,),
                renewed=renewed,
                statements=(statement,),
            )
            for renewed in (False, True)
        ]

    def must_say(self) -> Mapping[str, str]:
        return {statement.key: statement.text for statement in self.statements} | {"link": self.tracking_url}

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        lines = tuple(MailLine.from_context(line) for line in context["lines"])
        statements = tuple(Statement(**statement) for statement in context["statements"])
        return cls(**{**context, "lines": lines, "statements": statements})
