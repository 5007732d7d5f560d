"""What gunicorn itself writes: the access log, where somebody wants one, and requests that it could not answer."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from config.lib.logs import redact_line


class RedactedLines(logging.Formatter):
    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return redact_line(self._inner.format(record))


class RedactingLogger(Logger):
    """The addresses in it without private links and search terms."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(RedactedLines(handler.formatter or logging.Formatter()))
