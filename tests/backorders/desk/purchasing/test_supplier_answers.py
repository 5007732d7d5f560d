"""The buyer's side: inbox, impact, decision, expedite list, what a receipt unblocks, and the talk with suppliers."""

import pytest
import time_machine
from django.urls import reverse

from inventory.models import PurchasingSettings, SupplierAnswerLine, SupplierLink, SupplierQuestion
from notifications.models import Message
from tests.backorders.desk.desk import signed_in, told
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY
from tests.inventory.conversation import ASKED, HOUR, LATER, answer, dates, letters, lines_of, says, sent_order

pytestmark = pytest.mark.django_db
LOOK = ("inventory.view_purchaseorder", "inventory.view_supplieranswer", "backorders.view_orderline")
ACT = (*LOOK, "inventory.confirm_purchaseorder", "inventory.send_purchaseorder")


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY + 2 * HOUR, tick=False):
        yield


@pytest.fixture
def buyer(client):
    return signed_in(client, *ACT)


@pytest.fixture
def viewer(client):
    return signed_in(client, *LOOK)


def slipped(*customers):
    """A confirmed order for which these customers wait, and the supplier's later day."""
    order = sent_order(10)
    answer(order, says(lines_of(order)[0], (10, ASKED)))
    product = lines_of(order)[0].product
    for name in customers:
        order_for({product: 3}, customer=CustomerFactory(name=name), now=MONDAY)
    return order, answer(order, says(lines_of(order)[0], (10, LATER), reason="Strike"), comment="Sorry").answer


def page_of(given):
    return reverse("backorders:supplier-answer", args=[given.pk])


def decided(client, given, verdict, **more):
    proposal = given.lines.get()
    fields = {f"verdict-{proposal.pk}": verdict} | {f"{name}-{proposal.pk}": value for name, value in more.items()}
    return client.post(page_of(given), fields, follow=True)


def test_the_inbox_lists_what_waits_for_a_decision(viewer):
    _, given = slipped("Anna")

    page = viewer.get(reverse("inventory:answers"))

    assert [(row.pk, row.said, row.waiting) for row in page.context["page"].rows] == [(given.pk, 1, 1)]
    assert page_of(given) in page.content.decode()
    everything = viewer.get(reverse("inventory:answers") + "?all=on")
    assert len(everything.context["page"].rows) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_costs_the_same_for_one_row_and_for_three(viewer, django_assert_num_queries, count):
    for _ in range(count):
        slipped()

    with django_assert_num_queries(7):
        viewer.get(reverse("inventory:answers"))


def test_the_impact_names_lines_customers_and_ways_out(viewer):
    _, given = slipped("Anna Bau", "Berta GmbH", "Carl & Co")

    page = viewer.get(page_of(given))

    impact = page.context["impact"]
    assert (len(impact.later), impact.customers, impact.broken) == (3, 3, 3)
    for words in ("Anna Bau", "Berta GmbH", "Carl &amp; Co", "Strike", "Sorry", "Ask for the old day"):
        assert words in page.content.decode()


def test_accepting_moves_the_date_and_tells_the_supplier(buyer):
    order, given = slipped("Anna")

    page = decided(buyer, given, "accepted")

    assert told(page) == [f"Decision saved. {order.supplier.name} will be emailed."]
    assert (dates(order), letters(order)[-1]) == ([(10, ASKED, LATER)], "purchase_reply")


def test_a_counter_from_the_ways_out_asks_for_the_old_day(buyer):
    order, given = slipped("Anna")

    decided(buyer, given, "countered", counter_on=ASKED.isoformat())

    assert SupplierQuestion.objects.get().wished_on == ASKED
    assert dates(order) == [(10, ASKED, ASKED)]


def test_a_counter_without_a_day_is_told_on_the_page(buyer):
    _, given = slipped("Anna")

    page = decided(buyer, given, "countered", counter_on="")

    assert page.status_code == 422
    assert "name the day that you want instead" in page.content.decode()


def test_deciding_twice_is_told(buyer):
    _, given = slipped("Anna")
    decided(buyer, given, "declined")

    page = decided(buyer, given, "accepted")

    assert page.status_code == 422
    assert SupplierAnswerLine.objects.latest("pk").state == "declined"


def test_looking_at_answers_is_not_deciding(viewer):
    order, given = slipped("Anna")

    assert decided(viewer, given, "accepted").status_code == 403
    assert dates(order) == [(10, ASKED, ASKED)]
    assert "verdict-" not in viewer.get(page_of(given)).content.decode().replace("verdict-title", "")


def test_looking_at_the_impact_decides_nothing(buyer):
    order, given = slipped("Anna")
    before = Message.objects.count()

    buyer.get(page_of(given))

    assert (Message.objects.count(), given.lines.get().state, dates(order)) == (
        before,
        "proposed",
        [(10, ASKED, ASKED)],
    )


def test_the_orders_page_shows_the_talk(buyer):
    order, given = slipped("Anna")

    page = buyer.get(order.get_absolute_url()).content.decode()

    for words in ("Order sent", "Strike", "Sorry", page_of(given), reverse("backorders:unblocks", args=[order.pk])):
        assert words in page


def test_an_order_is_sent_again_and_its_link_called_back(buyer):
    order = sent_order(10)
    link = SupplierLink.objects.get()

    again = buyer.post(reverse("inventory:resend-purchase-order", args=[order.pk]), follow=True)
    revoked = buyer.post(reverse("inventory:revoke-link", args=[link.pk]), follow=True)
    twice = buyer.post(reverse("inventory:revoke-link", args=[link.pk]), follow=True)

    assert told(again) == [f"{order} will be emailed to {order.supplier.email} again."]
    assert told(revoked) == [f"The link sent to {order.supplier.email} was revoked."]
    assert "opens nothing any more" in told(twice)[0]


@pytest.mark.parametrize("name", ["resend-purchase-order", "revoke-link", "ask-supplier"])
def test_writing_to_a_supplier_needs_the_right_and_a_form(viewer, name):
    sent_order(10)

    for ask in (viewer.get, viewer.post):
        assert ask(reverse(f"inventory:{name}", args=[SupplierLink.objects.get().pk])).status_code in (403, 405)
    assert Message.objects.count() == 1


def test_a_receipt_says_what_it_unblocks(viewer):
    order, _ = slipped("Anna Bau", "Berta GmbH")
    address = reverse("backorders:unblocks", args=[order.pk])

    page = viewer.get(address)
    fragment = viewer.get(address, headers={"hx-request": "true"}).content.decode()

    assert [(row.line.order.customer.name, row.units) for row in page.context["rows"]] == [
        ("Anna Bau", 3),
        ("Berta GmbH", 3),
    ]
    assert "2 lines of 2 customers" in fragment
    assert "<html" not in fragment


def test_the_expedite_list_asks_with_one_click(buyer):
    order, _ = slipped("Anna")
    address = reverse("backorders:expedite")

    page = buyer.get(address)
    line = page.context["rows"][0].supply
    asked = buyer.post(reverse("inventory:ask-supplier", args=[line.pk]), {"next": address}, follow=True)

    assert asked.redirect_chain[0][0] == address
    assert told(asked) == [f"{order.supplier.name} is asked about {line.product.sku} of {order}."]
    assert letters(order)[-1] == "purchase_question"


def test_where_to_go_after_asking_is_a_page_of_this_desk(buyer):
    order, _ = slipped("Anna")

    asked = buyer.post(
        reverse("inventory:ask-supplier", args=[lines_of(order)[0].pk]), {"next": "https://elsewhere.example/"}
    )

    assert asked.url == order.get_absolute_url()


@pytest.mark.parametrize(
    "query", ["", "?sort=customers", "?sort=deadlines", "?late=on", "?supplier=0", "?sort=nonsense"]
)
def test_the_expedite_list_is_filtered_and_exported(viewer, query):
    slipped("Anna")

    page = viewer.get(reverse("backorders:expedite") + query)
    rows = b"".join(viewer.get(reverse("backorders:export-expedite") + query)).decode().splitlines()

    assert len(rows) - 1 == len(page.context["rows"]) == (0 if "late" in query else 1)


@pytest.mark.parametrize("count", [1, 3])
def test_the_expedite_list_costs_the_same_for_one_row_and_for_three(viewer, django_assert_num_queries, count):
    for _ in range(count):
        slipped("Anna")

    with django_assert_num_queries(16):
        viewer.get(reverse("backorders:expedite"))


@pytest.mark.parametrize("name", ["expedite", "export-expedite"])
def test_without_the_permission_nothing_is_hastened(client, name):
    assert signed_in(client, "inventory.view_product").get(reverse(f"backorders:{name}")).status_code == 403


def test_the_settings_are_changed_by_a_buyer(client):
    signed_in(client, "inventory.view_purchasingsettings", "inventory.change_purchasingsettings")
    address = reverse("inventory:purchasing-settings")
    values = {"link_days": 30, "reminder_days": 4, "most_reminders": 1, "transfer_cost": "1.20", "express_percent": 25}
    values |= {"enough_deliveries": 12}

    client.post(address, values)
    refused = client.post(address, values | {"link_days": 0, "reminder_days": 99, "enough_deliveries": 1})

    settings = PurchasingSettings.objects.get()
    assert (settings.link_days, settings.enough_deliveries) == (30, 12)
    assert set(refused.context["form"].errors) == {"link_days", "reminder_days", "enough_deliveries"}


def test_the_settings_are_for_looking_without_the_right(client):
    signed_in(client, "inventory.view_purchasingsettings")

    assert client.get(reverse("inventory:purchasing-settings")).status_code == 200
    assert client.post(reverse("inventory:purchasing-settings"), {"link_days": 1}).status_code == 403
