"""Customers as lists and typeaheads show them."""

from django.db.models import Case, QuerySet, When
from django.db.models.functions import Lower

from customers.models import Customer


def customers_by_code(*, text: str = "", tier_id: int | None = None, active: bool = True) -> QuerySet[Customer]:
    """Customers with their tier; `code_key` is what they are paged by."""
    customers = Customer.objects.filter(active=active).select_related("tier").annotate(code_key=Lower("code"))
    if text:
        customers = customers.found_by(text)
    return customers.filter(tier_id=tier_id) if tier_id else customers


def customer_options(text: str, *, most: int = 12) -> list[Customer]:
    """Active customers that match what a person is typing, codes that start with it first."""
    first = Case(When(code__istartswith=text, then=0), default=1)
    return list(customers_by_code(text=text).order_by(first, "name", "pk")[:most])
