"""News about supply, told upwards as a number that grows."""

from collections.abc import Iterable

from django.db import connection, transaction

from inventory.models import Product

_BUMP = """
    WITH locked AS MATERIALIZED (
        SELECT id FROM inventory_product WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE inventory_product SET supply_version = supply_version + 1 FROM locked WHERE inventory_product.id = locked.id
"""


def lock_supply(*, product_ids: Iterable[int]) -> None:
    """Lock the products by primary key, for a batch that tells of their supply step by step."""
    list(Product.objects.filter(pk__in=set(product_ids)).locked().values_list("pk", flat=True))


def bump_supply_version(*, product_ids: Iterable[int]) -> None:
    """Tell whoever promised dates that the supply of these products changed; inside the caller's transaction.

    The rows are locked by primary key first: an UPDATE over several products takes its locks in any order, and two of
    them deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BUMP, [sorted(set(product_ids))])


@transaction.atomic
def cap_backorders(*, product_id: int, limit: int) -> Product:
    """No more than `limit` units of the product may be on backorder from now on; what waits already goes on waiting."""
    product = Product.objects.locked().get(pk=product_id)
    product.backorder_limit = limit
    product.save(update_fields=["backorder_limit"])
    return product
