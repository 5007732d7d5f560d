"""How much of the story is told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    products: int
    customers: int
    days: int  # working days that are played one by one, up to today
    weeks: int  # before them, each played at its end
    orders_a_day: int  # that pass through the desk
    counter_sales_a_day: int  # that left at once
    archive_weeks: int  # before those days, known as history only
    archive_orders_a_week: int
    archive_share: float  # of the suppliers, every fortnight of the archive
    old_orders: int  # open ones taken over from the previous system
    waiting_emails: int


SIZES = {
    "XS": Size(40, 15, 3, 1, 6, 2, 12, 2, 0.08, 16, 8),
    "S": Size(80, 30, 5, 2, 6, 5, 56, 4, 0.04, 24, 12),
    "M": Size(400, 120, 17, 8, 14, 20, 60, 20, 0.06, 120, 40),
    "L": Size(400, 200, 100, 8, 24, 40, 60, 100, 0.3, 160, 80),
}
