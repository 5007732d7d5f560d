"""R15: Redis is full, or read-only. The same as without it, and /healthz says so."""

from typing import Any

from tests.reliability.r14 import SECONDS_AWAY, torment

FULL, ROOMY = "CONFIG SET maxmemory 1kb", "CONFIG SET maxmemory 0"
READ_ONLY, OWN_MASTER = "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"


def run(size: str) -> dict[str, Any]:
    away = SECONDS_AWAY[size]
    return torment(
        "r15",
        {
            "full": (lambda redis: redis.tell(FULL), away, lambda redis: redis.tell(ROOMY)),
            "read_only": (lambda redis: redis.tell(READ_ONLY), away, lambda redis: redis.tell(OWN_MASTER)),
        },
    )
