import pytest
from django.urls import reverse

from customers.models import Customer
from notifications.services.preferences import preference_of
from tests.factories.customers import ContactFactory, CustomerFactory, CustomerTierFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
CUSTOMERS = "/customers/"


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("customers.view_customer"))
    return client


def codes(response):
    return [customer.code for customer in response.context["page"].rows]


@pytest.mark.parametrize(
    "address", [CUSTOMERS, f"{CUSTOMERS}new/", f"{CUSTOMERS}options/", f"{CUSTOMERS}1/", f"{CUSTOMERS}1/edit/"]
)
def test_without_the_permission_no_customer_page_is_shown(client, address):
    client.force_login(staff_with("inventory.view_product"))

    assert client.get(address).status_code == 403


def test_the_list_is_filtered(viewer):
    gold = CustomerTierFactory(code="gold")
    CustomerFactory(code="VOGEL", name="Vogel", tier=gold)
    CustomerFactory(code="adler", name="Adler Bau")
    CustomerFactory(code="GONE", active=False)

    found = [codes(viewer.get(f"{CUSTOMERS}?{query}")) for query in ("", "q=bau", f"tier={gold.pk}", "inactive=on")]

    assert found == [["adler", "VOGEL"], ["adler"], ["VOGEL"], ["GONE"]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(viewer, django_assert_num_queries, count):
    CustomerFactory.create_batch(count)

    with django_assert_num_queries(7):
        viewer.get(CUSTOMERS)


def test_the_typeahead_offers_codes_that_start_with_it_first(viewer):
    CustomerFactory(code="A1", name="Vogel Bau")
    CustomerFactory(code="VOGEL", name="Werkzeuge")

    options = viewer.get(f"{CUSTOMERS}options/?q=vogel").context["options"]

    assert [(option["value"], option["label"], option["note"]) for option in options] == [
        ("VOGEL", "Werkzeuge", "Standard"),
        ("A1", "Vogel Bau", "Standard"),
    ]


def test_a_customer_page_shows_the_contacts(viewer):
    contact = ContactFactory(name="Ada")

    response = viewer.get(contact.customer.get_absolute_url())

    assert list(response.context["contacts"]) == [contact]


FORM = {
    "code": "VOGEL", "name": "Vogel Werkzeuge", "email": "Einkauf@vogel.example", "language": "de",
    "time_zone": "Europe/Berlin", "country": "Germany", "jurisdiction": "", "active": "on",
    "contacts-TOTAL_FORMS": "1", "contacts-INITIAL_FORMS": "0", "contacts-0-name": "", "contacts-0-email": "",
    "contacts-0-phone": "",
}  # fmt: skip


def test_a_customer_is_added(client):
    client.force_login(staff_with("customers.add_customer", "customers.view_customer"))

    response = client.post(reverse("customers:new-customer"), FORM | {"tier": CustomerTierFactory().pk})

    customer = Customer.objects.get()
    assert (response.url, customer.email, customer.language) == (
        customer.get_absolute_url(), "einkauf@vogel.example", "de",
    )  # fmt: skip


def test_a_customer_is_edited_with_contacts(client):
    kept = ContactFactory(name="Ada")
    customer = kept.customer
    client.force_login(staff_with("customers.change_customer", "customers.view_customer"))
    form = FORM | {
        "tier": CustomerTierFactory(code="gold").pk, "contacts-TOTAL_FORMS": "2", "contacts-INITIAL_FORMS": "1",
        "contacts-0-id": str(kept.pk), "contacts-0-name": "Ada Vogel", "contacts-1-name": "Bob",
    }  # fmt: skip

    response = client.post(reverse("customers:edit-customer", args=[customer.pk]), form)

    customer.refresh_from_db()
    names = customer.contacts.order_by("pk").values_list("name", flat=True)
    assert (response.status_code, customer.name, customer.tier.code) == (302, "Vogel Werkzeuge", "gold")
    assert list(names) == ["Ada Vogel", "Bob"]


def test_a_contact_is_removed(client):
    contact = ContactFactory()
    client.force_login(staff_with("customers.change_customer", "customers.view_customer"))
    form = FORM | {
        "tier": CustomerTierFactory().pk, "contacts-INITIAL_FORMS": "1", "contacts-0-id": str(contact.pk),
        "contacts-0-name": contact.name, "contacts-0-DELETE": "on",
    }  # fmt: skip

    client.post(reverse("customers:edit-customer", args=[contact.customer_id]), form)

    assert contact.customer.contacts.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "old"), ("email", "nobody"), ("time_zone", "Mars"), ("name", "a\u2028b"), ("tier", "0")],
)
def test_a_customer_that_cannot_be_is_refused_at_its_field(client, field, value):
    CustomerFactory(code="OLD")
    client.force_login(staff_with("customers.add_customer"))

    response = client.post(reverse("customers:new-customer"), FORM | {"tier": CustomerTierFactory().pk, field: value})

    assert list(response.context["form"].errors) == [field]


def test_the_desk_sets_how_a_customer_is_written_to(client):
    client.force_login(staff_with("customers.view_customer", "notifications.change_preference"))
    customer = CustomerFactory()

    client.post(f"{CUSTOMERS}{customer.pk}/emails/", {"frequency": "weekly", "wanted": ["date_changed"]})

    preference = preference_of(customer.addressee)
    assert (preference.frequency, preference.unwanted) == ("weekly", ["backorder_opened", "goods_allocated"])
    assert "Once a week" in client.get(f"{CUSTOMERS}{customer.pk}/").content.decode()


def test_links_in_old_emails_can_be_revoked(client):
    client.force_login(staff_with("customers.view_customer", "notifications.change_preference"))
    customer = CustomerFactory()

    client.post(f"{CUSTOMERS}{customer.pk}/emails/revoke/")

    assert preference_of(customer.addressee).links_since


def test_who_may_only_look_cannot_change_the_emails(viewer):
    customer = CustomerFactory()

    assert viewer.get(f"{CUSTOMERS}{customer.pk}/emails/").status_code == 403
    assert viewer.post(f"{CUSTOMERS}{customer.pk}/emails/revoke/").status_code == 403
    assert "Change</a>" not in viewer.get(f"{CUSTOMERS}{customer.pk}/").content.decode()
