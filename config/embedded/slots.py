"""One logical Redis database per process: a lock on a file named after its number."""

import fcntl
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from config.embedded.redis import LOGICAL_DATABASES
from config.lib.errors import EmbeddedError


class RedisSlot(AbstractContextManager["RedisSlot"]):
    def __init__(self, base: Path, redis_url: str) -> None:
        folder = base / "run" / "redis-slots"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, LOGICAL_DATABASES):
            lock = (folder / str(number)).open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                continue
            self._lock: IO[str] = lock
            self.url = f"{redis_url.partition('?')[0]}?db={number}"
            return
        raise EmbeddedError("Every logical Redis database of the test server is in use.")

    def __exit__(self, *details: object) -> None:
        self._lock.close()
