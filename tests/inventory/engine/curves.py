from bisect import bisect_right

from inventory.engine.lead_times import Curve


def curve_of(past):
    """The plain curve of deliveries that all came."""
    ordered = sorted(past)
    days = sorted(set(ordered))
    return Curve(tuple(days), tuple(bisect_right(ordered, day) / len(ordered) for day in days))
