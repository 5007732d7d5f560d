"""The nights on which the desk learns from what its suppliers did; to save time, not every night of the story."""

from backorders.management.seeding.days import Day
from inventory.lead_times.learn import learn_lead_times

NIGHTS = (-10, 0)


def learn_at_night(day: Day) -> None:
    if day.number in NIGHTS:
        learn_lead_times(now=day.at(2, 30))
