"""Work that comes again and again, row by row."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from config.lib.errors import DomainError

logger = logging.getLogger(__name__)
AT_ONCE = 100  # rows in one transaction: whoever wants one of them waits that long


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


def in_batches(rows: Sequence[int], do: Callable[[Sequence[int]], Any]) -> int:
    """Do it for many rows at once; of a batch in which one row cannot be done, for each row by itself, as above."""

    def do_one(row: int) -> None:
        do([row])

    do_one.__qualname__ = do.__qualname__
    done = 0
    for start in range(0, len(rows), AT_ONCE):
        batch = rows[start : start + AT_ONCE]
        try:
            do(batch)
            done += len(batch)
        except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
            raise
        except Exception:
            logger.info("%s: %s rows are done one by one", do.__qualname__, len(batch), exc_info=True)
            done += each_by_itself(batch, do_one)
    return done
