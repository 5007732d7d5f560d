"""Random pools for the laws. ENGINE_EXAMPLES sets how many each law sees; setting it also draws new seeds."""

import os
from collections.abc import Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from backorders.engine.allocation.pool import PoolLine, Strategy

MOVING = [strategy for strategy in Strategy if strategy is not Strategy.SKIP]

laws = settings(
    max_examples=int(os.environ.get("ENGINE_EXAMPLES", "120")), derandomize="ENGINE_EXAMPLES" not in os.environ
)


@st.composite
def plain_lines(
    draw: Any, strategies: Sequence[Strategy] = MOVING, max_open: int = 12, max_size: int = 8
) -> list[PoolLine]:
    """Lines without packs and minimum fills."""
    rows = draw(st.lists(st.tuples(st.sampled_from(strategies), st.integers(0, max_open)), max_size=max_size))
    return [
        PoolLine(number, strategy, open_units, draw(st.integers(0, open_units)))
        for number, (strategy, open_units) in enumerate(rows)
    ]


@st.composite
def lines_with_quantity_rules(draw: Any) -> list[PoolLine]:
    return [
        line._replace(
            pack=draw(st.integers(1, 5)), minimum=draw(st.integers(0, line.open)), has_shipped=draw(st.booleans())
        )
        for line in draw(plain_lines())
    ]


any_lines = st.one_of(plain_lines(), lines_with_quantity_rules())
units = st.integers(0, 60)
