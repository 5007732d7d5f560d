"""News about supply, told upwards as a number that grows."""

from collections.abc import Iterable

from django.db.models import F

from inventory.models import Product


def bump_supply_version(*, product_ids: Iterable[int]) -> None:
    """Tell whoever promised dates that the supply of these products changed; inside the caller's transaction.

    The rows are locked by primary key first: one UPDATE over several products takes its locks in any order, and two of
    them deadlock.
    """
    products = Product.objects.filter(pk__in=set(product_ids))
    list(products.locked().values_list("pk", flat=True))
    products.update(supply_version=F("supply_version") + 1)
