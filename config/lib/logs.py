"""Log lines: one JSON object each (readable columns on a terminal), without the secrets that stand in addresses."""

import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

# What lets in whoever has it: the segment after /t/ (tracking page), /s/ (supplier page), /m/ (wanted emails) and after
# the addresses for a new password.
_SECRET = re.compile(
    r"((?:/|%2F)(?:[tsm]|reset(?:/|%2F)key|confirm-email)(?:/|%2F))(?!\[)[^/%\s?#&<>\"']+", re.IGNORECASE
)
# People search for names and addresses of other people.
_QUERY = re.compile(r"(/[^\s?\"']*\?)[^\s#\"']+")


def redact(text: str) -> str:
    """`text` without what its links are opened with."""
    return _SECRET.sub(r"\1[private link]", text)


def redact_line(text: str) -> str:
    """What may stand in a log: no links that let somebody in, no search terms."""
    return _QUERY.sub(r"\1[…]", redact(text))


def redact_event(logger: Any, method: str, event: EventDict) -> EventDict:
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact_line(value)
    if isinstance(value, dict):
        return {key: _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return value


shared_processors: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    redact_event,
]

renderer: structlog.typing.Processor = (
    structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
)

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        *shared_processors,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
