"""What notifications refuses, one class per refusal."""

from config.lib.errors import DomainError


class UnsafeMailInput(DomainError):
    """A value that could break out of its place: control or bidi characters, several addresses in one field."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class NothingToSendAgain(DomainError):
    """None of the chosen messages is in a state from which it can be sent again."""
