"""One action on several lines: each line succeeds or is refused by itself, and says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from backorders.enums import BackorderReason
from backorders.models import OrderLine
from backorders.orders.cancel import cancel_line
from backorders.planning.reasons import correct_reason
from config.lib.errors import DomainError


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of one line; `refusal` is blank where it went well."""

    line: OrderLine
    done: str = ""
    refusal: str = ""


def correct_reasons(
    *, lines: Sequence[OrderLine], reason: BackorderReason, by: User, now: datetime
) -> list[LineOutcome]:
    """Correct the reason of each line in a transaction of its own."""

    def correct(line: OrderLine) -> str:
        correct_reason(line_id=line.pk, reason=reason, by=by, now=now)
        return f"Reason is now: {reason.label.lower()}."

    return [_tried(line, correct) for line in lines]


def cancel_lines(*, lines: Sequence[OrderLine], by: User, now: datetime, note: str = "") -> list[LineOutcome]:
    """Cancel what was open of each line when it was read, so that asking twice cancels once."""

    def cancel(line: OrderLine) -> str:
        cancel_line(line_id=line.pk, quantity=line.open, by=by, now=now, note=note)
        return f"{line.open} × {line.product.sku} cancelled."

    return [_tried(line, cancel) for line in lines]


def _tried(line: OrderLine, action: Callable[[OrderLine], str]) -> LineOutcome:
    try:
        return LineOutcome(line, done=action(line))
    except DomainError as error:
        return LineOutcome(line, refusal=str(error))
