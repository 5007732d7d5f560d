"""The admin looks at messages and sends them again through the service; nothing else."""

import pytest
from django.urls import reverse

from notifications.models import Channel, Message
from tests.factories.notifications import MessageFactory, SuppressionFactory

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
