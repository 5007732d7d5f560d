"""The date that a customer hears."""

from datetime import date
from typing import NamedTuple


class Promised(NamedTuple):
    """What a line is promised: in half of the cases by the first day, in four of five by the second.

    The customer hears the second; None is "no reliable date yet".
    """

    p50_on: date | None
    promised_on: date | None

    @property
    def from_on(self) -> date | None:
        """The early end of the range that the customer hears, where it is one."""
        return self.p50_on if self.p50_on and self.promised_on and self.p50_on < self.promised_on else None
