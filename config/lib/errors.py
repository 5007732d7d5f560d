"""The ground for every refusal: a message that the person at the screen can act on."""


class DomainError(Exception):
    """A rule of the trade refused the action; `str()` of it is shown to the person who asked."""


class EmbeddedError(Exception):
    """A server could not be started; `str()` of it is the one line that the person at the terminal reads."""
