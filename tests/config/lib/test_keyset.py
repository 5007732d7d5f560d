import json

import pytest
from django.db.models.functions import Lower
from django.http import QueryDict

from config.lib.keyset import keyset_page
from inventory.models import Product
from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db
ORDER = ("-pack_size", "sku")


@pytest.fixture
def products():
    """Three pack sizes, three SKUs each."""
    return [ProductFactory(sku=f"{letter}{size}", pack_size=size) for size in (1, 2, 3) for letter in "bca"]


def page(address="", *, order=ORDER, size=4):
    return keyset_page(
        Product.objects.annotate(key=Lower("sku")), order=order, query=QueryDict(address.removeprefix("?")), size=size
    )


def skus(found):
    return [product.sku for product in found.rows]


def test_going_forward_meets_every_row_once_and_going_back_gives_the_same_pages(products):
    first = page()
    second = page(first.older)
    third = page(second.older)

    assert [skus(found) for found in (first, second, third)] == [
        ["a3", "b3", "c3", "a2"],
        ["b2", "c2", "a1", "b1"],
        ["c1"],
    ]
    assert (first.newer, third.older, third.shown) == ("", "", 1)
    assert [skus(page(third.newer)), skus(page(second.newer))] == [skus(second), skus(first)]
    assert page(second.newer).newer == ""


def test_a_row_that_came_in_between_moves_nothing(products):
    second = page().older
    before = skus(page(second))

    ProductFactory(sku="a0", pack_size=9)

    assert skus(page(second)) == before


def test_filters_stay_in_the_address(products):
    older = QueryDict(page("q=saw&after=x").older.removeprefix("?"))

    assert (older["q"], json.loads(older["after"])) == ("saw", [2, "a2"])


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "{}", "[]", "[1]", "[1, 2, 3]", "[null, null]", '["a", "b"]', "[1e999, 1]", '[1, "a\\u0000b"]',
        '[1, "\\ud800"]', "[[1], {}]", "[" * 5000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_senseless_cursor_gives_the_first_page(products, way, cursor):
    query = QueryDict(mutable=True)
    query[way] = cursor

    found = keyset_page(Product.objects.all(), order=ORDER, query=query, size=4)

    assert skus(found) == ["a3", "b3", "c3", "a2"]


def test_a_number_beyond_every_row_gives_an_empty_page(products):
    found = page('after=[-99999999999999999999, "a"]')

    assert (skus(found), found.newer, found.older) == ([], "", "")


def test_an_annotation_may_be_the_key(products):
    assert skus(page(page(order=("key",)).older, order=("key",))) == ["b2", "b3", "c1", "c2"]
