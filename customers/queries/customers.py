"""Customers as lists and typeaheads show them."""

from django.db.models import Case, QuerySet, When
from django.db.models.functions import Lower

from customers.models import Customer


def customers_by_code() -> QuerySet[Customer]:
    """Customers with their tier; `code_key` is what they are paged by."""
    return Customer.objects.select_related("tier").annotate(code_key=Lower("code"))


def customer_options(text: str, *, most: int = 12) -> list[Customer]:
    """Active customers that match what a person is typing, codes that start with it first."""
    first = Case(When(code__istartswith=text, then=0), default=1)
    customers = Customer.objects.filter(active=True).select_related("tier")
    return list((customers.found_by(text) if text else customers).order_by(first, "name", "pk")[:most])
