"""Bulk sends and suppressed addresses: who may look, who may decide, and what each refusal says."""

import pytest

from notifications.models import Batch, MailRules, Message, Suppression
from notifications.services.sorting import sort_messages
from tests.factories.notifications import NOON, MessageFactory, SuppressionFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
APPROVALS = "/messages/approvals/"
SUPPRESSIONS = "/messages/suppressions/"


@pytest.fixture
def approver(client):
    client.force_login(staff_with("notifications.view_batch", "notifications.approve_batch"))
    return client


@pytest.fixture
def batch() -> Batch:
    MailRules.objects.update(approval_above=2)
    for number in range(3):
        MessageFactory(addressee=f"customer:{number}", batch="run:7", stage="gathering", cause="Run 7")
    sort_messages(now=NOON)
    return Batch.objects.get()


def test_the_page_says_how_many_of_which_kind_and_why(approver, batch):
    text = " ".join(approver.get(APPROVALS).content.decode().split())

    assert "Run 7" in text
    assert "3 × Order received" in text
    assert "Approve" in text


def test_approving_lets_the_mails_go(approver, batch):
    approver.post(f"{APPROVALS}{batch.pk}/approve/")

    assert set(Message.objects.values_list("status", "stage")) == {("pending", "gathering")}
    assert Batch.objects.get().decided_by.username


def test_rejecting_needs_a_reason(approver, batch):
    approver.post(f"{APPROVALS}{batch.pk}/reject/", {"reason": ""})
    without = Batch.objects.get().state
    approver.post(f"{APPROVALS}{batch.pk}/reject/", {"reason": "wrong policy"})

    assert (without, Batch.objects.get().state) == ("waiting", "rejected")
    assert set(Message.objects.values_list("status", flat=True)) == {"rejected"}


@pytest.mark.parametrize("second", ["approve", "reject"])
def test_what_is_decided_stays_decided(approver, batch, second):
    approver.post(f"{APPROVALS}{batch.pk}/reject/", {"reason": "wrong policy"})

    response = approver.post(f"{APPROVALS}{batch.pk}/{second}/", {"reason": "again"}, follow=True)

    assert "is already rejected" in response.content.decode()
    assert Batch.objects.get().note == "wrong policy"


def test_looking_is_not_deciding(client, batch):
    client.force_login(staff_with("notifications.view_batch", "notifications.view_message"))

    page = client.get(APPROVALS).content.decode()

    assert "Approve<" not in page
    assert client.post(f"{APPROVALS}{batch.pk}/approve/").status_code == 403
    assert client.post(f"{APPROVALS}{batch.pk}/reject/", {"reason": "x"}).status_code == 403
    assert Batch.objects.get().state == "waiting"


def test_the_page_takes_as_many_queries_for_many_batches_as_for_one(approver, batch, django_assert_num_queries):
    for number in (8, 9):
        MessageFactory(status="held", batch=f"run:{number}", addressee="customer:1")
        Batch.objects.create(key=f"run:{number}", state="waiting", closed_at=NOON, held=1)

    with django_assert_num_queries(8):
        approver.get(APPROVALS)


@pytest.fixture
def clerk(client):
    client.force_login(staff_with("notifications.view_suppression", "notifications.change_suppression"))
    return client


def test_an_address_is_written_to_again_for_a_reason(clerk):
    suppression = SuppressionFactory()

    clerk.post(f"{SUPPRESSIONS}{suppression.pk}/lift/", {"reason": ""})
    before = Suppression.objects.active().count()
    clerk.post(f"{SUPPRESSIONS}{suppression.pk}/lift/", {"reason": "they called"})

    suppression.refresh_from_db()
    assert before == 1
    assert (suppression.lift_reason, bool(suppression.lifted_by)) == ("they called", True)
    assert not Suppression.objects.active().exists()


def test_a_lifted_address_cannot_be_lifted_twice_but_suppressed_again(clerk):
    suppression = SuppressionFactory(address="gone@customer.example")
    clerk.post(f"{SUPPRESSIONS}{suppression.pk}/lift/", {"reason": "they called"})

    response = clerk.post(f"{SUPPRESSIONS}{suppression.pk}/lift/", {"reason": "again"}, follow=True)
    SuppressionFactory(address="gone@customer.example")

    assert "is not suppressed any more" in response.content.decode()
    assert Suppression.objects.active().count() == 1
    assert "they called" in clerk.get(f"{SUPPRESSIONS}?lifted=on").content.decode()


@pytest.mark.parametrize("query", ["", "?q=gone", "?q=\x00", "?lifted=on", "?after=nonsense"])
def test_the_list_stands_any_question(clerk, query):
    SuppressionFactory()

    assert clerk.get(f"{SUPPRESSIONS}{query}").status_code == 200


@pytest.mark.parametrize("address", [APPROVALS, SUPPRESSIONS, "/messages/texts/", "/messages/texts/shipped/en/"])
def test_without_the_permission_no_page_is_shown(client, address):
    client.force_login(staff_with("notifications.view_message"))

    assert client.get(address).status_code == 403
