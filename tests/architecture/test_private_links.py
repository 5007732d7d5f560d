"""Whoever has a private link acts as a customer or a supplier: no member of staff, and no row, has one."""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse

from backorders.enums import EventKind
from backorders.letters.letters import tell_customers
from backorders.letters.send_tracking_link import send_link
from backorders.letters.timeline import Event, record_events
from backorders.models import SalesOrder, TrackingLink
from backorders.oversight.roles import ROLES
from config.lib.tokens import LinkKind, token_of
from inventory.models import PurchaseOrder, SupplierLink
from notifications.models import Message
from notifications.payloads import DateChanged, GoodsAllocated, OrderMail
from notifications.services.delivery import deliver_due_messages
from notifications.services.outbox import requeue_messages
from notifications.services.wording.versions import WordingDraft, add_version
from tests.architecture.test_login import patterns
from tests.backorders.desk.desk import a_short_product
from tests.factories.backorders import order_for
from tests.factories.customers import CustomerFactory
from tests.factories.inventory import MONDAY
from tests.factories.staff import StaffFactory
from tests.inventory.conversation import answer, lines_of, newest_token, says, sent_order

pytestmark = pytest.mark.django_db

LOOKS_PRIVATE = re.compile(r"/[tsm]/(?!\[private link\])[\w.~-]{16,}")
WRITTEN_BY_STAFF = "{{ mail.tracking_url }}\n\n<a href='{{ mail.tracking_url }}'>\n\n--\n{{ preferences_url }}"
ADMIN_MODELS = (
    *("notifications/message", "notifications/preference", "notifications/templateversion", "notifications/batch"),
    *("notifications/deliveryresult", "backorders/trackinglink", "backorders/decision", "backorders/lineevent"),
    *("inventory/supplierlink", "inventory/supplieranswer", "inventory/supplierquestion", "customers/customer"),
)
AT_THE_DESK = re.compile(
    r"(messages|decisions|refunds|imports)/|.*\.csv$|(backorders|orders|purchasing/answers|customers)/$"
    r"|orders/<int:order_id>/|customers/<int:customer_id>/|purchasing/<int:purchase_order_id>/$"
)


@dataclass
class World:
    order: SalesOrder
    purchase_order: PurchaseOrder

    def tokens(self) -> set[str]:
        tracking = [token_of(LinkKind.ORDER, link.reference) for link in TrackingLink.objects.all()]
        suppliers = [token_of(LinkKind.PURCHASE_ORDER, link.reference) for link in SupplierLink.objects.all()]
        readers = [token_of(LinkKind.EMAILS, UUID(int=message.pk)) for message in Message.objects.all()]
        return {*tracking, *suppliers, *readers}

    def pages(self) -> Iterator[str]:
        """Every address of these parts of the desk, for each of the rows that there are."""
        ids = {
            "order_id": [self.order.pk],
            "customer_id": [self.order.customer_id],
            "purchase_order_id": [self.purchase_order.pk],
            "message_id": list(Message.objects.values_list("pk", flat=True)),
            "kind": ["order_received"],
            "language": ["en"],
        }
        for path, _ in patterns(get_resolver()):
            names = re.findall(r"<\w+:(\w+)>", path)
            if AT_THE_DESK.match(path) and all(name in ids for name in names):
                places = [path]
                for name in names:
                    places = [re.sub(rf"<\w+:{name}>", str(pk), place) for place in places for pk in ids[name]]
                yield from (f"/{place}" for place in places)
        for model in ADMIN_MODELS:
            yield f"/{settings.ADMIN_PATH}{model}/"
            app, name = model.split("/")
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT id FROM {app}_{name}")
                rows = [row[0] for row in cursor.fetchall()]
            yield from (f"/{settings.ADMIN_PATH}{model}/{pk}/{page}/" for pk in rows for page in ("change", "history"))


@pytest.fixture
def world(mailoutbox) -> Iterator[World]:
    """Emails of all sorts, sent and waiting, with links of all sorts, open and ended."""
    with time_machine.travel(MONDAY, tick=False):
        subject = "Your order {{ mail.tracking_url }}"
        add_version(draft=WordingDraft("tracking_link", "en", subject, WRITTEN_BY_STAFF), note="", by=None, now=MONDAY)
        order = order_for({a_short_product().product: 8}, customer=CustomerFactory(language="en"), now=MONDAY)
        send_link(order_id=order.pk, by=None, now=MONDAY)
        purchase_order = sent_order(10)
        deliver_due_messages(now=MONDAY)
        for letter in (GoodsAllocated, DateChanged):
            tell(letter, order)
        deliver_due_messages(now=MONDAY)
        answer(purchase_order, says(lines_of(purchase_order)[0], (10, None), reason="No longer made"))
        send_link(order_id=order.pk, by=None, now=MONDAY)
        yield World(order, purchase_order)


def tell(letter: type[OrderMail], order: SalesOrder) -> None:
    line = order.lines.get().pk
    keys = tell_customers(letter, news={line: 2}, fact=letter.kind, cause="A test", now=MONDAY)
    record_events([Event(line, EventKind.LINK_SENT, message_key=keys[line])], now=MONDAY, by=None)


def person(role: str) -> Client:
    somebody = StaffFactory(is_staff=True, is_superuser=role == "superuser", email="hannah@desk.example")
    somebody.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(somebody)
    return client


def body(response) -> str:
    """As text, and as a mail program reads it."""
    content = b"".join(response) if response.streaming else response.content
    return (content + quopri.decodestring(content)).decode(errors="replace")


def parts(email) -> str:
    return "".join([email.body, *(str(content) for content, _ in email.alternatives), str(email.extra_headers)])


def test_emails_leave_with_every_kind_of_link(world, mailoutbox):
    kinds = {path for email in mailoutbox for path in re.findall(r"/[tsm]/(?=[0-9a-f]{32}\.)", parts(email))}

    assert kinds == {"/t/", "/s/", "/m/"}
    assert set(Message.objects.values_list("kind", "status")) == {
        ("order_received", "sent"), ("tracking_link", "sent"), ("purchase_order", "sent"), ("digest", "sent"),
        ("goods_allocated", "bundled"), ("date_changed", "bundled"), ("tracking_link", "pending"),
    }  # fmt: skip


@pytest.mark.parametrize("role", [*ROLES, "superuser"])
def test_nobody_at_the_desk_reads_a_link_that_opens(world, role):
    client, tokens = person(role), world.tokens()

    answers = {page: client.get(page) for page in world.pages()}

    texts = {page: body(answer) for page, answer in answers.items()}
    assert [page for page, text in texts.items() if any(token in text for token in tokens)] == []
    assert {page: found[0] for page, text in texts.items() if (found := LOOKS_PRIVATE.search(text))} == {}
    opened = {page for page, answer in answers.items() if answer.status_code == 200}
    sent = Message.objects.filter(kind="digest").values_list("pk", flat=True)
    files = {reverse("notifications:message-source", args=[pk]) for pk in sent}
    assert files <= opened
    assert all("[private link]" in texts[file] for file in files)
    assert len(opened) > 40 or role != "superuser"


def test_a_text_is_tried_without_the_links_of_the_customer_whose_data_it_shows(world, mailoutbox):
    client = person("superuser")
    page = reverse("notifications:wording", args=["order_received", "en"])
    form = {"subject": "{{ mail.tracking_url }}", "body": WRITTEN_BY_STAFF, "note": ""}

    shown = body(client.post(page, form | {"action": "preview"}))
    client.post(page, form | {"action": "test"})
    deliver_due_messages(now=MONDAY)

    [test] = [email for email in mailoutbox if "hannah@desk.example" in email.to[0]]
    for text in (shown, parts(test), test.subject):
        assert "[private link]" in text
        assert not LOOKS_PRIVATE.search(text)


def test_no_row_of_any_table_holds_a_token(world, client):
    """Not even after customers, suppliers and readers have used theirs."""
    order_link = token_of(LinkKind.ORDER, TrackingLink.objects.latest("pk").reference)
    reader = token_of(LinkKind.EMAILS, UUID(int=Message.objects.get(kind="digest").pk))
    line = world.order.lines.get()
    decision = {"key": "d" * 32, "line": line.pk, "answer": "cancel-rest", "open": line.open}

    used = [
        client.post(f"/t/{order_link}/decide/", decision),
        client.post(f"/m/{reader}/", {"frequency": "daily"}),
        client.post(f"/m/{reader}/stop/"),
        client.post(f"/s/{newest_token(world.purchase_order)}/", {"comment": "hello"}),
    ]

    assert [answer.status_code for answer in used] == [303, 302, 200, 404]
    assert tables_with(world.tokens()) == []


def tables_with(secrets: set[str]) -> list[str]:
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if not t.startswith("pg_")]
        found = []
        for table in tables:
            cursor.execute(
                f'SELECT 1 FROM "{table}" AS row WHERE row_to_json(row)::text LIKE ANY(%s) LIMIT 1',
                [[f"%{secret.replace('_', chr(92) + '_')}%" for secret in secrets]],
            )
            found += [table] if cursor.fetchone() else []
    assert "pghistory_context" in tables
    return found


def test_an_email_sent_again_is_the_same_to_the_last_byte_and_its_link_still_opens(world, mailoutbox, client):
    message = Message.objects.get(kind="order_received")
    requeue_messages(message_ids=[message.pk])

    deliver_due_messages(now=MONDAY)

    first, again = (email for email in mailoutbox if email.extra_headers["Message-ID"] == message.message_id)
    assert first.message().as_bytes() == again.message().as_bytes()
    [address] = set(re.findall(r"/t/[\w.-]+/", again.body))
    assert client.get(address).status_code == 200
