from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backorders.engine.columns.promises import HERE, NOWHERE, arrivals
from backorders.engine.promising.walk import STOCK, Supply, WaitingLine, walk_queue
from tests.backorders.engine.pools import laws

TODAY = date(2026, 5, 4)
quantities = st.lists(st.integers(1, 12), max_size=5)
lines = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6)


@laws
@given(st.lists(st.tuples(quantities, lines), max_size=4))
def test_the_last_unit_comes_with_the_supply_that_the_walk_names(pools):
    shelf = [(number, units) for number, (supplies, _) in enumerate(pools) for units in supplies]
    rows = [(number, missing) for number, (_, queue) in enumerate(pools) for missing, _ in queue]

    first, last = arrivals(*map(np.array, (*_columns(rows), *_columns(shelf))))

    expected = []
    for number, (supplies, queue) in enumerate(pools):
        start = [pool for pool, _ in shelf].index(number) if supplies else 0
        promises = walk_queue(
            today=TODAY,
            free=0,
            supplies=[Supply(TODAY + timedelta(days=day + 1), units, str(day)) for day, units in enumerate(supplies)],
            lines=[WaitingLine(place, missing + held, held) for place, (missing, held) in enumerate(queue)],
        )
        for promise, (missing, _) in zip(promises, queue, strict=True):
            if not missing:
                assert promise.source == STOCK
                expected.append((None, HERE))
            elif promise.uncovered:
                expected.append((None, NOWHERE))
            else:
                here = [piece for piece in promise.slices if piece.source != STOCK]
                expected.append((start + int(here[0].source), start + int(here[-1].source)))
    told = [(None if place < 0 else begin, place) for begin, place in zip(first.tolist(), last.tolist(), strict=True)]
    assert told == expected


def _columns(rows):
    return ([pool for pool, _ in rows] or np.zeros(0, int)), ([units for _, units in rows] or np.zeros(0, int))
