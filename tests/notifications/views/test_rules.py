"""The rules of sending: who may look, who may change them, and what is refused."""

import pytest

from notifications.models import MailRules
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
RULES = "/messages/rules/"
SAID = {"daily_cap": "3", "digest_hour": "8", "approval_above": "500", "staff_addresses": "desk@desk.example"}


def test_whoever_may_change_the_rules_does_so_on_their_page(client):
    client.force_login(staff_with("notifications.view_mailrules", "notifications.change_mailrules"))

    client.post(RULES, SAID | {"quiet_from": "22:00", "quiet_until": "07:00"})

    rules = MailRules.objects.get()
    assert (rules.daily_cap, f"{rules.quiet_from:%H}-{rules.quiet_until:%H}") == (3, "22-07")
    assert rules.staff_addresses == ["desk@desk.example"]


@pytest.mark.parametrize(
    "wrong", [{"quiet_from": "22:00"}, {"digest_hour": "24"}, {"staff_addresses": "a@b.example\nBcc: c@d.example"}]
)
def test_what_cannot_be_a_rule_is_refused(client, wrong):
    client.force_login(staff_with("notifications.view_mailrules", "notifications.change_mailrules"))

    assert client.post(RULES, SAID | wrong).status_code == 422
    assert MailRules.objects.get().daily_cap == 0


def test_looking_is_not_changing(client):
    client.force_login(staff_with("notifications.view_mailrules"))

    assert client.get(RULES).status_code == 200
    assert client.post(RULES, SAID).status_code == 403
