"""E-mail never stands in the way of the work that it tells of."""

import logging

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from wagtail.models import WorkflowState

from pages.models import HomePage
from tests.builders import PersonFactory, StandardPageFactory

pytestmark = pytest.mark.django_db

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


class UnreachableServer(BaseEmailBackend):
    def open(self):
        raise OSError("Name or service not known")

    def send_messages(self, email_messages):
        self.open()


class RefusingServer(BaseEmailBackend):
    """Takes messages to all but one address."""

    def send_messages(self, email_messages):
        for message in email_messages:
            if "recusado@example.org" in message.to:
                raise ValueError("550 No such user")
            mail.outbox.append(message)


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.EMAIL_BACKEND = "jundiai_global.mail.AfterTheWork"
    settings.DELIVERY_BACKEND = LOCMEM


def send(to="alguem@example.org"):
    return mail.send_mail("Assunto", "Texto", "aci@example.org", [to])


def test_a_message_leaves_when_the_work_is_kept(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send()
        assert mail.outbox == []
    assert [message.subject for message in mail.outbox] == ["Assunto"]


def test_a_message_about_work_that_is_undone_does_not_leave(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        send()
        transaction.set_rollback(True)
    assert mail.outbox == []


def test_one_refused_address_does_not_keep_the_others_waiting(
    settings, caplog, django_capture_on_commit_callbacks
):
    settings.DELIVERY_BACKEND = f"{__name__}.RefusingServer"
    with django_capture_on_commit_callbacks(execute=True):
        mail.get_connection().send_messages(
            [
                mail.EmailMessage("Um", "", "aci@example.org", ["recusado@example.org"]),
                mail.EmailMessage("Dois", "", "aci@example.org", ["aceito@example.org"]),
            ]
        )
    assert [message.subject for message in mail.outbox] == ["Dois"]
    assert "Um" in caplog.text


def test_a_page_is_submitted_although_the_mail_server_is_down(
    settings, client, caplog, django_capture_on_commit_callbacks
):
    settings.DELIVERY_BACKEND = f"{__name__}.UnreachableServer"
    PersonFactory(role="Edição")
    writer = PersonFactory(role="Redação")
    page = StandardPageFactory(
        parent=HomePage.objects.get(locale__language_code="pt-br"),
        title="Convite",
        slug="convite",
        live=False,
        owner=writer,
    )
    page.save_revision(user=writer)
    client.force_login(writer)
    form = {
        "title": "Convite",
        "slug": "convite",
        "summary": "O texto que não se pode perder.",
        "body-count": 0,
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
        "action-submit": "1",
    }
    with caplog.at_level(logging.ERROR), django_capture_on_commit_callbacks(execute=True) as sent:
        answer = client.post(f"/admin/pages/{page.pk}/edit/", form)
    assert answer.status_code == 302
    assert sent, "somebody should have been told"
    assert "cannot be reached" in caplog.text
    state = WorkflowState.objects.get(object_id=str(page.pk))
    assert state.status == WorkflowState.STATUS_IN_PROGRESS
    page.refresh_from_db()
    draft = page.get_latest_revision_as_object()
    assert draft.summary == "O texto que não se pode perder."
