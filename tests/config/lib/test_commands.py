from typing import Any

import psycopg
import pytest
from django.core.management.base import CommandError
from django.db import OperationalError, connection, connections, transaction

from config.lib.commands import DeskCommand
from inventory.models import Product
from tests.factories.inventory import ProductFactory


class Rename(DeskCommand):
    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        return {"renamed": Product.objects.update(name="Saw")}, 0


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_lock_that_somebody_holds_too_long_is_told_in_one_line():
    product = ProductFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")

    with transaction.atomic(using="owner"), connections["owner"].cursor() as somebody:
        somebody.execute("SELECT FROM inventory_product WHERE id = %s FOR UPDATE", [product.pk])
        with pytest.raises(CommandError) as refused:
            Rename().handle(json=False)

    assert str(refused.value) == (
        "The database is busy or out of reach, try again in a moment: canceling statement due to lock timeout"
    )


def test_any_other_trouble_with_the_database_keeps_its_traceback():
    class Broken(DeskCommand):
        def run(self, **options: Any) -> tuple[dict[str, Any], int]:
            raise OperationalError from psycopg.errors.UndefinedFile()

    with pytest.raises(OperationalError):
        Broken().handle(json=False)
