"""R02, the negative control: does the checker see what the locks prevent, and do the constraints hold without them?

Without locks and without checks units must be oversold within a minute. Without locks but with the checks nothing is
oversold, and the database refuses instead.
"""

from collections import Counter
from functools import partial
from typing import Any

from django.utils import timezone

from backorders.orders.intake import NewLine, NewOrder, place_order
from backorders.oversight.queries.invariants import check_invariants
from tests.reliability.r21 import at_once
from tests.reliability.scratch import act, as_owner, scratch_database
from tests.reliability.world import World, build

# rounds, buyers of each
SIZES = {"S": (3, 24), "M": (10, 64), "L": (20, 64)}

CHECKS = """
    DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
        WHERE contype = 'c' AND conrelid IN ('inventory_stocklevel'::regclass, 'backorders_orderline'::regclass)
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.place, found.conname); END LOOP;
    END $$
"""


def run(size: str) -> dict[str, Any]:
    rounds, buyers = SIZES[size]
    report = {}
    for name, without_checks in (("without_locks_and_checks", True), ("without_locks", False)):
        with scratch_database(f"r02_{int(without_checks)}") as clone:
            if without_checks:
                as_owner(clone, CHECKS)
            switch = {"WITHOUT_LOCKS": "true"}
            report[name] = act("r02", "grab", clone, environment=switch, rounds=rounds, buyers=buyers)
    return report


def grab(*, rounds: int, buyers: int) -> dict[str, Any]:
    """In the actor: all buyers want five at once, and there are five for a quarter of them."""
    world = build(products=rounds, stock=5 * buyers // 4)
    answers: Counter[str] = Counter()
    for product_id in world.products:
        answers.update(at_once(partial(_five, world, product_id), buyers, 2))
    violations = check_invariants().violations
    return {
        "answers": dict(answers),
        "violations": sum(violations.values()),
        "oversold": violations["I6"],
        "check_violations": sum(times for told, times in answers.items() if "violates check constraint" in told),
    }


def _five(world: World, product_id: int, number: int) -> str:
    line = NewLine(product_id=product_id, quantity=5)
    order = NewOrder(
        source="load",
        external_number=f"R02-{product_id}-{number}",
        customer_id=world.customers[0],
        lines=(line,),
        placed_at=timezone.now(),
    )
    place_order(order=order, by=None, now=timezone.now())
    return "taken"
