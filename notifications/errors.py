"""What notifications refuses, one class per refusal."""

from config.lib.errors import DomainError


class UnsafeMailInput(DomainError):
    """A value that could break out of its place: control or bidi characters, several addresses in one field."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class NothingToSendAgain(DomainError):
    """None of the chosen messages is in a state from which it can be sent again."""


class UnknownKind(DomainError):
    """A kind of email that does not exist, or that nobody may switch off."""


class AlreadyDecided(DomainError):
    """A bulk send that was approved or rejected before."""


class PreferenceLinkNotValid(DomainError):
    """A personal link that was forged, is too old or was revoked."""


class TemplateRefused(DomainError):
    """A text that uses a tag, filter or field that it may not, named with its line."""


class ReportNotTrusted(DomainError):
    """A bounce report with a wrong signature, or an old one."""


class ReportNotUnderstood(DomainError):
    """A bounce report without the fields that it needs."""


class ReportRepeated(DomainError):
    """A bounce report about an event that is known."""


class NotSuppressed(DomainError):
    """The address is written to already."""


class NothingToTry(DomainError):
    """There is no message with whose data a text could be tried."""
