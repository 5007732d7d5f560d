"""Which warehouses serve a line."""

from collections.abc import Iterable


def choose_warehouses(wanted: int, stock: Iterable[tuple[str, int]], *, split: bool) -> dict[str, int]:
    """Units to take from each warehouse, given (code, free units) in the order of preference.

    Without `split` the first warehouse that covers the whole quantity serves it, or none does.
    """
    return _split(wanted, stock) if split else _whole(wanted, stock)


def _whole(wanted: int, stock: Iterable[tuple[str, int]]) -> dict[str, int]:
    return next(({code: wanted} for code, free in stock if wanted and free >= wanted), {})


def _split(wanted: int, stock: Iterable[tuple[str, int]]) -> dict[str, int]:
    taken: dict[str, int] = {}
    for code, free in stock:
        units = min(wanted, free)
        if units > 0:
            taken[code] = units
            wanted -= units
    return taken
