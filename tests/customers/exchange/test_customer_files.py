import pytest

from config.lib.csv.importing import run_import
from customers.exchange.customer_files import CUSTOMERS
from customers.models import Customer
from tests.backorders.files.files import counts, written
from tests.factories.customers import CustomerFactory
from tests.inventory.jobs import JOB

pytestmark = pytest.mark.django_db

HEADER = "code,name,email,tier,language,country,ship_complete,jurisdiction"


def test_customers_are_made_in_the_standard_tier_and_changed_by_code(tmp_path):
    CustomerFactory(code="VOGEL", name="Vogel", country="Germany")
    file = written(
        tmp_path,
        [HEADER, "vogel,Vogel & Söhne,Einkauf@Vogel.example,gold,de,,yes,us-mail-order", "ADLER,Adler KG,,,,Austria,,"],
    )

    report = run_import(CUSTOMERS, file, JOB)

    adler, vogel = Customer.objects.select_related("tier").order_by("code")
    assert counts(report) == (2, 1, 1, 0, 0, 0)
    assert (vogel.name, vogel.email, vogel.tier.code, vogel.language) == (
        "Vogel & Söhne",
        "einkauf@vogel.example",
        "gold",
        "de",
    )
    assert (vogel.country, vogel.ship_complete, vogel.jurisdiction) == ("Germany", True, "us-mail-order")
    assert (adler.tier.code, adler.country, adler.language) == ("standard", "Austria", "en")


def test_blanks_around_the_at_sign_are_no_part_of_an_address(tmp_path):
    run_import(CUSTOMERS, written(tmp_path, ["code,name,email", "VAL2,IT,val2 @example.com"]), JOB)

    assert Customer.objects.get().email == "val2@example.com"


def test_a_wrong_tier_address_or_language_is_reported(tmp_path):
    file = written(
        tmp_path, [HEADER, "A,A,a@b,,,,,", "B,B,,brass,,,,", "C,C,,,fr,,,", "D,D,x@y.example;z@y.example,,,,,"]
    )

    report = run_import(CUSTOMERS, file, JOB)

    assert report.rejects == {
        2: "email 'a@b': Must be exactly one e-mail address such as name@example.com.",
        3: "There is no customer tier brass.",
        4: "language 'fr': Must be one of en, de.",
        5: "email 'x@y.example;z@y.example': Must be exactly one e-mail address such as name@example.com.",
    }
