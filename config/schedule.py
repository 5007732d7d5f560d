"""The schedule of the house: which task beat starts how often. `migrate` writes what is missing into the tables of
django-celery-beat, where planners change or pause it."""

from typing import NamedTuple


class Entry(NamedTuple):
    name: str
    task: str
    seconds: int = 0
    at: str = ""
    """A time of the day, where it is not every so many seconds."""


MINUTE, HOUR, DAY = 60, 3600, 86_400

SCHEDULE = (
    Entry("Nightly allocation", "backorders.allocate_nightly", 5 * MINUTE),
    Entry("Finish interrupted runs", "backorders.continue_runs", 30),
    Entry("Serve free stock", "backorders.serve_free_stock", 20),
    Entry("Recompute promise dates", "backorders.promise_due", 20),
    Entry("Check the invariants", "backorders.check_invariants", DAY),
    Entry("Seal the ledgers", "backorders.seal_audit", HOUR),
    Entry("Deliver messages", "notifications.deliver_messages", 20),
    Entry("Tell the staff of trouble", "backorders.tell_of_trouble", 5 * MINUTE),
    Entry("Forget what has run out", "backorders.prune", DAY),
    Entry("Let silence decide", "backorders.decide_by_silence", MINUTE),
    Entry("Watch the deadlines of delay notices", "backorders.watch_delays", 5 * MINUTE),
    Entry("Offer substitutes", "backorders.offer_substitutes", HOUR),
    Entry("Forecast demand", "backorders.forecast_due", MINUTE),
    Entry("Remind suppliers", "inventory.remind_suppliers", 15 * MINUTE),
    Entry("Learn lead times", "inventory.learn_lead_times", at="02:30"),
)
