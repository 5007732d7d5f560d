"""Versions of an email's text: numbered, never changed, the newest in force."""

import pytest
from django.db import Error, connection, transaction

from notifications.errors import TemplateRefused, UnknownKind
from notifications.models import Message, TemplateVersion
from notifications.services.delivery import deliver_due_messages
from notifications.services.wording.versions import WordingDraft, add_version, restore_shipped
from tests.factories.notifications import NOON
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db


def save(subject: str = "Your order {{ mail.order_number }}", body: str = "Hello.", **values) -> TemplateVersion:
    draft = WordingDraft(values.pop("kind", "order_received"), values.pop("language", "en"), subject, body)
    return add_version(draft=draft, note="clearer", by=staff_with(), now=NOON)


def test_the_newest_version_is_what_leaves_and_the_log_says_which(mail_server, queue):
    save("First {{ mail.order_number }}")
    second = save("Second {{ mail.order_number }}")
    message, german = queue(), queue(language="de")

    deliver_due_messages()

    subjects = {mail.recipients[0]: mail.subject for mail in mail_server.wait_for(2)}
    assert second.number == 2
    assert subjects[message.recipient] == "Second SO-1042"
    assert subjects[german.recipient].startswith("Ihre Bestellung SO-1042")
    assert Message.objects.get(pk=message.pk).template_version == second
    assert Message.objects.get(pk=german.pk).template_version is None


def test_a_mail_that_was_rendered_keeps_its_words(mail_server, queue):
    message = queue()
    mail_server.rcpt_answer = "451 4.3.0 Try later"
    deliver_due_messages()
    before = Message.objects.get(pk=message.pk).text
    save(body="Quite different.")

    mail_server.rcpt_answer = ""
    Message.objects.update(available_at=NOON)
    deliver_due_messages()

    assert Message.objects.get(pk=message.pk).text == before
    assert "Quite different" not in mail_server.wait_for(1)[0].text


def test_the_shipped_text_can_be_put_in_force_again(mail_server, queue):
    save()
    restore_shipped(kind="order_received", language="en", note="", by=staff_with(), now=NOON)
    queue()

    deliver_due_messages()

    assert mail_server.wait_for(1)[0].subject == "Order SO-1042 received: part is in stock, the rest will follow"


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"kind": "spam"}, UnknownKind),
        ({"language": "fr"}, UnknownKind),
        ({"subject": " "}, TemplateRefused),
        ({"subject": "Two\nBcc: everybody@example.com"}, TemplateRefused),
        ({"body": ""}, TemplateRefused),
        ({"body": "{{ mail.nothing }}"}, TemplateRefused),
    ],
)
def test_what_cannot_be_sent_is_not_saved(values, refusal):
    with pytest.raises(refusal):
        save(**values)

    assert not TemplateVersion.objects.exists()


def test_a_version_never_changes():
    version = save()

    for sql in ("UPDATE notifications_templateversion SET body = 'x'", "DELETE FROM notifications_templateversion"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    version.refresh_from_db()
    assert version.body == "Hello."
