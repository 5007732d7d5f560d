"""Editing the texts: preview with real data, a test to oneself, and putting a version in force."""

import pytest

from notifications.models import Message, TemplateVersion
from notifications.services.delivery import deliver_due_messages
from tests.factories.notifications import MessageFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
TEXTS = "/messages/texts/"
EDIT = f"{TEXTS}order_received/en/"
NEW = {
    "subject": "Thanks for {{ mail.order_number }}",
    "body": "Dear {{ mail.customer_name }},\n\nthanks.",
    "note": "x",
}


@pytest.fixture
def writer(client):
    user = staff_with("notifications.view_templateversion", "notifications.add_templateversion")
    user.email = "writer@desk.example"
    user.save(update_fields=["email"])
    client.force_login(user)
    return client


def test_a_new_text_starts_from_the_one_in_force(writer):
    shipped = writer.get(EDIT).context["form"].initial["body"]
    writer.post(EDIT, NEW | {"action": "save"})

    assert "Thank you for your order." in shipped
    assert "{% include" not in shipped
    assert writer.get(EDIT).context["form"].initial["subject"] == NEW["subject"]
    assert writer.get(f"{EDIT}?from=0").context["form"].initial["body"] == shipped


def test_the_preview_shows_real_data_and_saves_nothing(writer):
    MessageFactory()

    response = writer.post(EDIT, NEW | {"action": "preview"})

    assert response.context["words"].subject == "Thanks for SO-1042"
    assert "Dear Vogel &amp; Söhne," in response.context["preview"]
    assert 'style="' not in response.context["preview"]
    assert not TemplateVersion.objects.exists()


def test_the_stylesheet_of_the_preview_knows_every_class(writer):
    MessageFactory()
    preview = writer.post(EDIT, NEW | {"action": "preview", "body": "=== A ===\n\n- b\n\nhttps://a.example/\n\n--\nc"})

    css = writer.get(f"{TEXTS}preview.css").content.decode()

    classes = {part for part in preview.context["preview"].replace('"', " ").split() if part.startswith("inlined-")}
    assert classes
    assert all(f".{name}{{" in css for name in classes)


def test_a_test_goes_to_oneself_and_reads_like_the_draft(writer, mail_server):
    MessageFactory(status="superseded")

    writer.post(EDIT, NEW | {"action": "test"})
    deliver_due_messages()

    [mail] = mail_server.wait_for(1)
    assert mail.recipients == ("writer@desk.example",)
    assert mail.subject == "[Test] Thanks for SO-1042"
    assert Message.objects.get(is_test=True).status == "sent"
    assert not TemplateVersion.objects.exists()


def test_without_an_address_or_a_message_there_is_no_test(writer, client):
    nothing = writer.post(EDIT, NEW | {"action": "test"})
    MessageFactory()
    client.force_login(staff_with("notifications.add_templateversion"))
    nobody = client.post(EDIT, NEW | {"action": "test"})

    assert "There is no email of this kind yet" in nothing.content.decode()
    assert "no email address" in nobody.content.decode()
    assert not Message.objects.filter(is_test=True).exists()


@pytest.mark.parametrize("action", ["save", "preview", "test"])
def test_an_unknown_field_is_refused_by_name_and_line(writer, action):
    MessageFactory()

    response = writer.post(EDIT, NEW | {"body": "Dear\n{{ mail.password }}", "action": action})

    assert response.status_code == 422
    assert "Body, line 2: There is no field “mail.password”." in response.content.decode()
    assert not TemplateVersion.objects.exists()


@pytest.mark.parametrize("subject", ["", "A\nBcc: b@customer.example", "A\x00", "A\u2028B"])
def test_a_subject_is_one_line_of_plain_text(writer, subject):
    response = writer.post(EDIT, NEW | {"subject": subject, "action": "save"})

    assert response.context["form"].errors["subject"]
    assert not TemplateVersion.objects.exists()


def test_the_shipped_text_comes_back_with_one_button(writer):
    writer.post(EDIT, NEW | {"action": "save"})

    writer.post(EDIT, {"action": "shipped"})

    assert list(TemplateVersion.objects.order_by("number").values_list("number", "is_shipped")) == [
        (1, False),
        (2, True),
    ]


@pytest.mark.parametrize("address", [f"{TEXTS}spam/en/", f"{TEXTS}shipped/fr/"])
def test_there_is_no_text_for_what_is_not_sent(writer, address):
    assert writer.get(address).status_code == 404


def test_looking_is_not_writing(client):
    client.force_login(staff_with("notifications.view_templateversion"))

    assert client.get(TEXTS).status_code == 200
    assert client.get(EDIT).status_code == 403
    assert client.post(EDIT, NEW | {"action": "save"}).status_code == 403


def test_the_list_takes_a_fixed_number_of_queries(writer, django_assert_num_queries):
    writer.post(EDIT, NEW | {"action": "save"})
    writer.post(f"{TEXTS}shipped/de/", NEW | {"action": "save"})

    with django_assert_num_queries(5):
        writer.get(TEXTS)
