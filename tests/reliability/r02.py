"""R02, the negative control: does the checker see what the locks prevent, and do the constraints hold without them?

Without locks and without checks units must be oversold within a minute. Without locks but with the checks nothing is
oversold, and the database refuses instead.
"""

from typing import Any

from tests.reliability.r01 import ONE_PRODUCT
from tests.reliability.scratch import act, as_owner, scratch_database

CHECKS = """
    DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
        WHERE contype = 'c' AND conrelid IN ('inventory_stocklevel'::regclass, 'backorders_orderline'::regclass)
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.place, found.conname); END LOOP;
    END $$
"""


def run(size: str) -> dict[str, Any]:
    clients, operations, seconds = ONE_PRODUCT[size]
    load = {"clients": clients, "operations": operations, "seconds": seconds, "hot_share": 1.0, "products": 1}
    report = {}
    for name, without_checks in (("without_locks_and_checks", True), ("without_locks", False)):
        with scratch_database(f"r02_{int(without_checks)}") as clone:
            if without_checks:
                as_owner(clone, CHECKS)
            seen = act("r01", "hammer", clone, environment={"WITHOUT_LOCKS": "true"}, **load)
        report[name] = {
            "operations": seen["operations"],
            "violations": sum(seen["violations"].values()),
            "oversold": seen["violations"]["I6"],
            "check_violations": seen["check_violations"],
        }
    return report
