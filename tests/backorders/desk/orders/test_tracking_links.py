"""Staff send and close the links to a customer's page."""

import pytest

from backorders.models import TrackingLink
from notifications.models import Message
from tests.backorders.desk.desk import signed_in, told
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db


def test_a_fresh_link_is_sent_and_all_are_closed(client):
    order = order_for({ProductFactory(): 2})
    signed_in(client, "backorders.send_trackinglink", "backorders.view_salesorder")

    sent = client.post(f"/orders/{order.pk}/link/", follow=True)
    closed = client.post(f"/orders/{order.pk}/link/revoke/", follow=True)

    assert told(sent) == ["A new tracking link will be emailed to the customer."]
    assert Message.objects.filter(kind="tracking_link").count() == 1
    assert told(closed)[0].startswith("1 links were revoked")
    assert TrackingLink.objects.filter(revoked_at__isnull=False).count() == 1


def test_without_an_address_nothing_is_sent(client):
    order = order_for({ProductFactory(): 2}, customer=CustomerFactory(email=""))
    signed_in(client, "backorders.send_trackinglink", "backorders.view_salesorder")

    answer = client.post(f"/orders/{order.pk}/link/", follow=True)

    assert "has no email address" in told(answer)[0]
    assert TrackingLink.objects.count() == 0


@pytest.mark.parametrize("action", ["link/", "link/revoke/"])
def test_others_may_not(client, action):
    order = order_for({ProductFactory(): 2})
    signed_in(client, "backorders.view_salesorder")

    assert client.post(f"/orders/{order.pk}/{action}").status_code == 403
