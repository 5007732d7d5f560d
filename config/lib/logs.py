"""Log lines: one JSON object each (readable columns on a terminal), without the secrets that stand in addresses."""

import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

# The segment after /t/ (tracking page), /s/ (supplier page) and /m/ (wanted emails) lets whoever has it in.
_TOKEN = re.compile(r"((?:/|%2F)[tsm](?:/|%2F))[^/%\s?#&\"']+", re.IGNORECASE)


def redact(text: str) -> str:
    return _TOKEN.sub(r"\1[token]", text)


def redact_tokens(logger: Any, method: str, event: EventDict) -> EventDict:
    return {key: _without_tokens(value) for key, value in event.items()}


def _without_tokens(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _without_tokens(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_tokens(item) for item in value]
    return value


shared_processors: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    redact_tokens,
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
