"""Work that comes again and again, row by row."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from config.lib.errors import DomainError

logger = logging.getLogger(__name__)


def each_by_itself(rows: Iterable[int], do: Callable[[int], Any]) -> int:
    """Do it for each row, in transactions of `do`'s own; returns for how many it was done.

    A row that cannot be done is told in the log and tried again by the next sweep: it stops no other row. A database
    that is busy or away, and the end of the task's time, end the sweep.
    """
    done = 0
    for row in rows:
        try:
            do(row)
            done += 1
        except DomainError as error:
            logger.warning("%s: row %s is left as it is: %s", do.__qualname__, row, error)
        except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
            raise
        except Exception:
            logger.exception("%s: row %s cannot be done; the others are", do.__qualname__, row)
    return done
