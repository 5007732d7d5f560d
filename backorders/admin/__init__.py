"""Orders, allocations, runs and promises are facts: for looking. Policies and settings may be edited.

The results of runs have a key of two columns, which the admin cannot show: they stand on the page of their run.
"""

from backorders.admin import demand, orders, policies, runs, sign_in

__all__ = ["demand", "orders", "policies", "runs", "sign_in"]
