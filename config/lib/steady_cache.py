"""The cache on Redis, which goes on without it: while Redis is away, full or hung, each process keeps its own memory.

What counts tries (logins, links) so counts on, for each process by itself, instead of failing every page.
"""

import functools
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

SECONDS_WITHOUT = 5  # how long Redis is left alone after a failure; else every call would wait for its timeout
_until = 0.0


def _steady(name: str) -> Callable[..., Any]:
    """The operation on Redis; on the process's own memory where that fails, and for some seconds after."""
    on_redis = getattr(RedisCache, name)

    @functools.wraps(on_redis)
    def operate(self: "SteadyCache", *args: Any, **options: Any) -> Any:
        global _until  # noqa: PLW0603 - Django makes a cache object for each thread
        if time.monotonic() >= _until:
            try:
                return on_redis(self, *args, **options)
            except (RedisError, OSError) as error:
                _until = time.monotonic() + SECONDS_WITHOUT
                logger.warning("cache_without_redis", error=str(error))
        return getattr(self.memory, name)(*args, **options)

    return operate


class SteadyCache(RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.memory = LocMemCache("without-redis", params)

    add, get, set, touch, delete = (_steady(name) for name in ("add", "get", "set", "touch", "delete"))
    get_many, has_key, incr = (_steady(name) for name in ("get_many", "has_key", "incr"))
    set_many, delete_many, clear = (_steady(name) for name in ("set_many", "delete_many", "clear"))

    def takes_writes(self) -> bool:
        """Asks Redis itself. Raises RedisError when it is away, full or read-only."""
        self._cache.set(self.make_key("takes-writes"), True, 60)
        return True
