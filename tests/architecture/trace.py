"""How far a reader has to walk: one `place_order` and one night, traced on real services.

`python -m tests.architecture.trace` prints for each journey its modules with their functions, and every switch from one
module into another with `--switches`. Models, migrations and the ground kit are no part of a journey: every step stands
on them. A comprehension or a lambda belongs to the function that it stands in.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from inspect import CO_GENERATOR
from itertools import count
from types import CodeType, FrameType
from typing import Any, NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.test_settings")
django.setup()

from django.db import connections  # noqa: E402 - models can be imported once Django is set up

from backorders.enums import RunKind  # noqa: E402
from backorders.orders.intake import NewLine, NewOrder, place_order  # noqa: E402
from backorders.runs.allocate_stock import allocate_stock  # noqa: E402
from config.embedded import BASE_DIR  # noqa: E402
from inventory.models import StockLevel  # noqa: E402
from tests.factories.backorders import order_for  # noqa: E402
from tests.factories.customers import CustomerFactory  # noqa: E402
from tests.factories.inventory import (  # noqa: E402
    MONDAY,
    StockEntryFactory,
    StockLevelFactory,
    SupplierProductFactory,
)
from tests.reliability.scratch import scratch_database  # noqa: E402

APPS = ("backorders", "inventory", "customers", "notifications")
GROUND = ("models", "migrations")
AN_INSTRUCTION = 5  # a generator that starts stands before its first one, one that goes on stands behind
_numbers = count(1)


class Call(NamedTuple):
    module: str
    function: str


class Journey(NamedTuple):
    """The calls in their order, each function as often as it was called."""

    calls: list[Call]

    @property
    def functions(self) -> set[Call]:
        return set(self.calls)

    @property
    def modules(self) -> set[str]:
        return {call.module for call in self.calls}

    @property
    def switches(self) -> list[Call]:
        """The calls that lead into another module than the call before."""
        before = ["", *(call.module for call in self.calls)]
        return [call for module, call in zip(before, self.calls, strict=False) if call.module != module]

    def __str__(self) -> str:
        return f"{len(self.modules)} modules, {len(self.functions)} functions, {len(self.switches)} switches"


def traced(action: Callable[[], Any]) -> Journey:
    """The way of this action through our own modules."""
    calls: list[Call] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event != "call" or _goes_on(frame) or frame.f_code.co_qualname.endswith(">"):
            return
        if module := _own_module(frame.f_code):
            calls.append(Call(module, frame.f_code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return Journey(calls)


def _goes_on(frame: FrameType) -> bool:
    return bool(frame.f_code.co_flags & CO_GENERATOR) and frame.f_lasti > AN_INSTRUCTION


def _own_module(code: CodeType) -> str:
    """Its dotted name, empty where the code is somebody else's or part of the ground."""
    parts = code.co_filename.removeprefix(f"{BASE_DIR}/").removesuffix(".py").split("/")
    return ".".join(parts) if parts[0] in APPS and parts[1] not in GROUND else ""


def trace_order() -> Journey:
    """One line for a customer with an address, of which stock covers a part and a supplier brings the rest."""
    orders = [_new_order() for _ in range(2)]
    place_order(order=orders[0], by=None, now=MONDAY)  # what is made once a process belongs to no order
    return traced(lambda: place_order(order=orders[1], by=None, now=MONDAY))


def trace_night() -> Journey:
    """A run over one line that waits, for which a part of the goods has come in."""
    before, pool = _served_pool(), _served_pool()
    _run_over(before)
    return traced(lambda: _run_over(pool))


def _new_order() -> NewOrder:
    level = StockLevelFactory(on_hand=3)
    SupplierProductFactory(product=level.product)
    line = NewLine(product_id=level.product_id, quantity=5)
    number = f"TRACE-{next(_numbers)}"
    return NewOrder(
        source="shop", external_number=number, customer_id=CustomerFactory().pk, lines=(line,), placed_at=MONDAY
    )


def _served_pool() -> StockLevel:
    """A pool in which a line waits, and goods that cover a part of it."""
    level = StockLevelFactory()
    SupplierProductFactory(product=level.product)
    order_for({level.product: 5}, customer=CustomerFactory(email=""))
    StockEntryFactory(stock_level=level, delta=3)
    return level


def _run_over(level: StockLevel) -> None:
    allocate_stock(kind=RunKind.MANUAL, product_ids=[level.product_id], now=MONDAY + timedelta(days=5))


JOURNEYS = {"place_order": trace_order, "night": trace_night}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.architecture.trace", description=__doc__)
    parser.add_argument("journeys", nargs="*", default=list(JOURNEYS), help=f"some of {', '.join(JOURNEYS)}")
    parser.add_argument("--switches", action="store_true", help="print each call that leads into another module")
    options = parser.parse_args()
    with scratch_database("trace") as clone:
        for alias in ("default", "owner"):
            connections[alias].settings_dict["NAME"] = clone.name
        try:
            for name in options.journeys:
                sys.stdout.write(_told(name, JOURNEYS[name](), switches=options.switches))
        finally:
            connections.close_all()


def _told(name: str, journey: Journey, *, switches: bool) -> str:
    functions: dict[str, list[str]] = defaultdict(list)
    for call in dict.fromkeys(journey.calls):
        functions[call.module].append(call.function)
    lines = [f"{name}: {journey}"]
    lines += [f"  {module} ({len(names)}): {', '.join(names)}" for module, names in functions.items()]
    if switches:
        lines += [f"  → {call.module}.{call.function}" for call in journey.switches]
    return "\n".join(lines) + "\n\n"


if __name__ == "__main__":
    main()
