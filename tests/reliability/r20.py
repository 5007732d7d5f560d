"""R20: R17 with four senders. The emails of one order leave in their order, whoever sends and whoever is killed."""

from typing import Any

from tests.reliability import r17


def run(size: str) -> dict[str, Any]:
    return r17.run_with(4, size)
