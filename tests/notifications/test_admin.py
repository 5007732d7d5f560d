"""The admin looks at messages and sends them again through the service; nothing else."""

import pytest
from django.urls import reverse

from notifications.models import Channel, MailRules, Message
from notifications.services.wording.versions import WordingDraft, add_version
from tests.factories.notifications import NOON, MessageFactory, SuppressionFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", ["message", "suppression", "channel"])
def test_each_model_can_be_looked_at(admin_client, model):
    row = {"message": MessageFactory, "suppression": SuppressionFactory, "channel": Channel.objects.create}[model]
    pk = (row(pk=1) if model == "channel" else row()).pk

    assert admin_client.get(reverse(f"admin:notifications_{model}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"admin:notifications_{model}_change", args=[pk])).status_code == 200


def test_messages_cannot_be_added_changed_or_deleted(admin_client):
    message = MessageFactory()

    assert admin_client.get(reverse("admin:notifications_message_add")).status_code == 403
    assert admin_client.post(reverse("admin:notifications_message_delete", args=[message.pk])).status_code == 403
    admin_client.post(reverse("admin:notifications_message_change", args=[message.pk]), {"recipient": "x@y.example"})
    assert Message.objects.get().recipient == message.recipient


def test_send_again_is_an_action(admin_client):
    dead = MessageFactory(status="dead", last_error="refused", attempts=6)

    admin_client.post(
        reverse("admin:notifications_message_changelist"), {"action": "send_again", "_selected_action": [dead.pk]}
    )

    dead.refresh_from_db()
    assert (dead.status, dead.attempts) == ("pending", 0)


RULES = {"daily_cap": 5, "digest_hour": 9, "approval_above": 50}


def test_the_rules_of_sending_are_changed_in_the_admin(admin_client):
    values = RULES | {"staff_addresses": "a@desk.example, B@desk.example"}

    admin_client.post(reverse("admin:notifications_mailrules_change", args=[1]), values)

    rules = MailRules.objects.get()
    assert (rules.daily_cap, rules.approval_above) == (5, 50)
    assert rules.staff_addresses == ["a@desk.example", "b@desk.example"]


@pytest.mark.parametrize("text", ["a@desk.example b@desk.example", "nobody", "a@desk.example\nBcc: b@desk.example"])
def test_anything_but_addresses_is_refused(admin_client, text):
    values = RULES | {"staff_addresses": text}

    response = admin_client.post(reverse("admin:notifications_mailrules_change", args=[1]), values)

    assert response.context["adminform"].form.errors["staff_addresses"]
    assert MailRules.objects.get().staff_addresses == []


def test_every_version_of_a_text_can_be_looked_at_and_leads_to_the_editor(admin_client, admin_user):
    draft = WordingDraft("goods_allocated", "en", "Goods are here", "Hello")
    version = add_version(draft=draft, note="shorter", by=admin_user, now=NOON)
    address = reverse("admin:notifications_templateversion_change", args=[version.pk])

    page = admin_client.get(address).content.decode()
    admin_client.post(address, {"subject": "Changed"})

    assert "/messages/texts/goods_allocated/en/?from=1" in page
    assert 'name="subject"' not in page
    version.refresh_from_db()
    assert version.subject == "Goods are here"


def test_a_new_text_is_written_in_the_editor(admin_client):
    assert admin_client.get(reverse("admin:notifications_templateversion_add")).url == "/messages/texts/"
