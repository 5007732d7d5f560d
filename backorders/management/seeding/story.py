"""A year of a distributor of tools and building materials, told by calling the services in the order of the clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from backorders.delays.cases import watch_delays
from backorders.enums import RunKind
from backorders.fulfilment.receive import serve_free_stock
from backorders.management.seeding.archive import Archive
from backorders.management.seeding.branches import look_across_warehouses
from backorders.management.seeding.buying import Buyers
from backorders.management.seeding.customers_side import CustomersSide
from backorders.management.seeding.days import Day, working_days
from backorders.management.seeding.depot import Depot
from backorders.management.seeding.desk import DemoDesk
from backorders.management.seeding.emails import deliver_emails
from backorders.management.seeding.founding import found_company
from backorders.management.seeding.learning import learn_at_night
from backorders.management.seeding.planning import plan
from backorders.management.seeding.second_thoughts import leave_decisions
from backorders.management.seeding.sizes import SIZES
from backorders.management.seeding.stocking import plan_stock
from backorders.management.seeding.supplier_talk import SupplierTalk
from backorders.management.seeding.supply import DemoSupply
from backorders.management.seeding.world import SOURCE, World
from backorders.models import SalesOrder
from backorders.promising.promise_dates import promise_due
from backorders.runs.allocate_stock import allocate_stock
from inventory.models import Product
from notifications.services.replay import record_deliveries

PROMISED_AT_NOON = 10  # days
Progress = Callable[[str], None]


def is_told() -> bool:
    """Whether the story is in this database already."""
    return SalesOrder.objects.filter(source=SOURCE).exists()


def is_empty() -> bool:
    """Whether nobody has worked here yet."""
    return not SalesOrder.objects.exists() and not Product.objects.exists()


def tell_story(*, seed: int, size: str, now: datetime, progress: Progress) -> None:
    """Tell the year that ends `now`; the same seed and day tell the same story. The caller holds the transaction."""
    days = working_days(now, days=SIZES[size].days, weeks=SIZES[size].weeks)
    first = days[0].told[0]
    with _chapter("Company founded", progress):
        world = found_company(seed=seed, size=SIZES[size], today=days[-1].date)
    supply = DemoSupply(world, played_from=first)
    with _chapter("History entered", progress):
        Archive(world, first, supply).tell()
    with _chapter("Working days played", progress):
        _play(world, days, supply)
        allocate_stock(kind=RunKind.NIGHTLY, now=now, cause="Every night")  # on a day off, the night's only work
    with _chapter("Emails delivered", progress):
        deliver_emails(world, days[-1])


def _play(world: World, days: list[Day], supply: DemoSupply) -> None:
    desk, buyers, depot = DemoDesk(world), Buyers(world, supply), Depot(world)
    for day in days:
        learn_at_night(day)
        allocate_stock(kind=RunKind.NIGHTLY, now=day.at(4, 5), cause="Every night")
        supply.write_delays(day)
        desk.take_orders(day)
        if day.number % 5 == 0:
            watch_delays(now=day.at(10, 30))
            record_deliveries(before=day.at(10, 31), legal_only=True)  # a notice counts once it left
        lorry_is_late = day.number % 3 == 2  # then its goods wait for the night
        if not lorry_is_late and supply.receive_until(day.at(10, 59), played=day.at(10, 45)):
            serve_free_stock(now=day.at(11, 0))
        buyers.work(day)
        if day.number > -PROMISED_AT_NOON:  # before that, the night brought the new dates
            promise_due(now=day.at(12, 0))
        depot.ship_what_is_ready(day)
        depot.put_the_books_right(day)
        desk.answer_calls(day)
        if lorry_is_late:
            supply.receive_until(day.at(16, 59), played=day.at(16, 55))
        if day.is_today:
            supply.leave_work(day)
            desk.take_order_of_a_site(day)
            buyers.leave_work(day)
            CustomersSide(world).decide(day)
            desk.leave_work(day)
            plan(world, day)
            plan_stock(world, day)
            look_across_warehouses(world, day)
            leave_decisions(world, day)
            promise_due(now=day.at(17, 10))
            SupplierTalk(world).tell(day)
            desk.take_last_orders(day)
        supply.close_finished(day.date, day.at(18, 5))
        desk.import_counter_sales(day)


@contextmanager
def _chapter(title: str, progress: Progress) -> Iterator[None]:
    began = monotonic()
    yield
    progress(f"{title} in {monotonic() - began:.1f} s")
