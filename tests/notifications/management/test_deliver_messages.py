"""The command: JSON on standard output and nothing else there, progress on standard error."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notifications.models import Message

pytestmark = pytest.mark.django_db


def deliver(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("deliver_messages", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_drains_the_outbox_and_counts(queue, mailoutbox):
    for _ in range(3):
        queue()

    out, err = deliver("--json", "--limit", "2")

    assert json.loads(out) == {"sent": 2, "retried": 0, "dead": 0, "left": 1}
    assert err.splitlines() == [f"sent: order_received to buyer{number}@customer.example" for number in (1, 2)]
    assert len(mailoutbox) == 2


def test_a_dry_run_sends_nothing(queue, mailoutbox):
    queue()

    out, _ = deliver("--json", "--dry-run")

    assert json.loads(out) == {"sent": 0, "retried": 0, "dead": 0, "left": 1}
    assert (len(mailoutbox), Message.objects.get().attempts) == (0, 0)


def test_twice_is_safe_and_says_so(queue, mailoutbox):
    queue()

    assert deliver()[0] == "1 sent, 0 to be retried, 0 given up, 0 still due.\n"
    assert deliver()[0] == "0 sent, 0 to be retried, 0 given up, 0 still due.\n"


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_senseless_limit_is_wrong_usage(limit):
    with pytest.raises(CommandError):
        deliver("--limit", limit)
