"""The outbox pages: what they show, who may see them, and "send again"."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from notifications.models import Channel, Message
from notifications.services.delivery import deliver_due_messages
from tests.factories.notifications import MessageFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(client):
    client.force_login(staff_with("notifications.view_message"))
    return client


@pytest.fixture
def clerk(client):
    client.force_login(staff_with("notifications.view_message", "notifications.change_message"))
    return client


def page_of(client, name: str, *arguments: int, **query: str):
    return client.get(reverse(f"notifications:{name}", args=arguments), query)


def shown_keys(response) -> list[str]:
    return [message.dedupe_key for message in response.context["page"].rows]


def test_the_list_shows_the_newest_first_and_pages_by_key(viewer):
    for number in range(55):
        MessageFactory(dedupe_key=f"fact:{number}")

    first = page_of(viewer, "messages")
    second = viewer.get(reverse("notifications:messages") + first.context["page"].older)

    assert shown_keys(first) == [f"fact:{number}" for number in range(54, 4, -1)]
    assert shown_keys(second) == [f"fact:{number}" for number in range(4, -1, -1)]


def test_the_list_is_filtered_by_state_kind_recipient_and_order(viewer):
    MessageFactory(dedupe_key="dead", status="dead", last_error="refused")
    MessageFactory(dedupe_key="other-kind", kind="shipped")
    MessageFactory(dedupe_key="anna", recipient="anna@elsewhere.example", recipient_name="Anna Blum")
    MessageFactory(dedupe_key="order", context={"order_number": "SO-777", "lines": []})

    assert shown_keys(page_of(viewer, "messages", status="dead")) == ["dead"]
    assert shown_keys(page_of(viewer, "messages", kind="shipped")) == ["other-kind"]
    assert shown_keys(page_of(viewer, "messages", q="ELSEWHERE")) == ["anna"]
    assert shown_keys(page_of(viewer, "messages", q="blum")) == ["anna"]
    assert shown_keys(page_of(viewer, "messages", q="so-777")) == ["order"]
    assert len(shown_keys(page_of(viewer, "messages", status="nonsense", q="x\0y"))) == 4


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_however_long(viewer, django_assert_num_queries, rows):
    MessageFactory.create_batch(rows)

    with django_assert_num_queries(7):
        page_of(viewer, "messages")


def test_the_list_says_that_sending_is_paused(viewer):
    Channel.objects.create(pk=1, paused_until=datetime(2999, 1, 1, tzinfo=UTC), reason="535 no")

    assert "Sending is paused" in page_of(viewer, "messages").content.decode()


def test_a_sent_message_shows_what_went_out(viewer, queue, mailoutbox):
    sent = queue()
    deliver_due_messages()

    response = page_of(viewer, "message", sent.pk)

    sent.refresh_from_db()
    page = response.content.decode()
    assert response.context["words"].html == sent.html
    assert sent.subject in page
    assert "Send again" not in page
    assert response.headers["Content-Security-Policy"].count("unsafe") == 0


def test_a_message_that_waits_shows_how_it_would_read(viewer, queue):
    response = page_of(viewer, "message", queue().pk)

    assert "Not sent yet" in response.content.decode()
    assert response.context["words"].subject.startswith("Order SO-1042 received")


def test_a_message_that_cannot_be_rendered_still_has_a_page(viewer):
    broken = MessageFactory(context={"nonsense": 1}, status="dead", last_error="It cannot be rendered.")

    assert page_of(viewer, "message", broken.pk).status_code == 200
    assert page_of(viewer, "message-preview", broken.pk).status_code == 404
    assert page_of(viewer, "message-source", broken.pk).status_code == 404


def test_the_preview_has_its_styles_in_a_stylesheet_and_no_scripts(viewer, queue):
    waiting = queue()

    document = page_of(viewer, "message-preview", waiting.pk)
    styles = page_of(viewer, "message-preview-styles", waiting.pk)

    html = document.content.decode()
    assert "style=" not in html
    assert "<style" not in html
    assert f'href="{reverse("notifications:message-preview-styles", args=[waiting.pk])}"' in html
    assert ".inlined-" in styles.content.decode()
    assert styles.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "sandbox allow-same-origin" in document.headers["Content-Security-Policy"]


def test_the_email_file_holds_the_bytes_that_were_sent(viewer, queue, mail_server):
    sent = queue()
    deliver_due_messages()

    response = page_of(viewer, "message-source", sent.pk)

    received = mail_server.received[0].raw.replace(b"\r\n", b"\n")
    assert response.content.replace(b"\r\n", b"\n").strip() in received
    assert response.headers["Content-Disposition"] == f'attachment; filename="message-{sent.pk}.eml"'


def test_hostile_names_are_text_on_every_page(viewer, queue):
    name = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    hostile = queue(recipient_name=name)

    for page in ("messages", "message", "message-preview"):
        arguments = [] if page == "messages" else [hostile.pk]
        content = page_of(viewer, page, *arguments).content.decode()
        assert "<script>alert" not in content
        assert "<img src=x" not in content


def test_send_again_queues_a_given_up_message(clerk):
    dead = MessageFactory(status="dead", last_error="refused", attempts=6)

    response = clerk.post(reverse("notifications:send-message-again", args=[dead.pk]))

    dead.refresh_from_db()
    assert response.url == reverse("notifications:message", args=[dead.pk])
    assert (dead.status, dead.attempts) == ("pending", 0)


def test_send_again_twice_says_no_and_changes_nothing(clerk):
    waiting = MessageFactory()

    response = clerk.post(reverse("notifications:send-message-again", args=[waiting.pk]), follow=True)

    assert "Only sent or failed messages" in response.content.decode()
    assert Message.objects.get().status == "pending"


def test_send_again_needs_its_permission_and_a_post(viewer):
    dead = MessageFactory(status="dead", last_error="refused")
    address = reverse("notifications:send-message-again", args=[dead.pk])

    assert viewer.post(address).status_code == 403
    viewer.force_login(staff_with("notifications.view_message", "notifications.change_message"))
    assert viewer.get(address).status_code == 405
    assert Message.objects.get().status == "dead"


@pytest.mark.parametrize(
    "name", ["messages", "message", "message-preview", "message-preview-styles", "message-source", "send-message-again"]
)
def test_nobody_sees_a_message_without_permission(client, name):
    message = MessageFactory()
    address = reverse(f"notifications:{name}", args=[] if name == "messages" else [message.pk])
    send = client.post if name == "send-message-again" else client.get

    assert send(address).status_code == 302
    client.force_login(staff_with())
    assert send(address).status_code == 403


def test_an_unknown_message_is_not_found(clerk):
    assert page_of(clerk, "message", 404_404).status_code == 404
    assert clerk.post(reverse("notifications:send-message-again", args=[404_404])).status_code == 404
