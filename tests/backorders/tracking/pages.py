"""What the tests of the customer's page share."""

import re

from config.lib.tokens import with_tokens
from notifications.models import Message

ADDRESS = re.compile(r"/t/[0-9a-f]{32}\.[\w-]{43}/")


def newest_address() -> str:
    """The path of the customer's page that the newest email links to."""
    stored = Message.objects.order_by("-pk")[0].context["tracking_url"]
    found = ADDRESS.search(with_tokens(stored, own=[stored]))
    assert found
    return found[0]
