"""What the tests of the customer's page share."""

import re

from notifications.models import Message

ADDRESS = re.compile(r"/t/[\w-]{43}/")


def newest_address() -> str:
    """The path of the customer's page that the newest email links to."""
    found = ADDRESS.search(Message.objects.order_by("-pk")[0].context["tracking_url"])
    assert found
    return found[0]
