"""The way of a text from draft to publication, and what each step tells by e-mail."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import call_command
from wagtail.models import (
    GroupApprovalTask,
    Page,
    Task,
    TaskState,
    Workflow,
    WorkflowPage,
    WorkflowState,
)

from pages.models import HomePage
from tests.builders import PersonFactory, StandardPageFactory

pytestmark = pytest.mark.django_db

#: Words that no Portuguese mail has.
ENGLISH = re.compile(
    r"\b(the|has|been|page|you|can|your|here|hello|submitted|approved|rejected|workflow|comment|"
    r"comments|preview|edit|moderation|stage|following|by|notification|preferences|and|was)\b",
    re.IGNORECASE,
)


@pytest.fixture
def writer():
    return PersonFactory(role="Redação", username="ana", first_name="Ana")


@pytest.fixture
def reviewer():
    return PersonFactory(role="Edição", username="bia", first_name="Bia")


@pytest.fixture
def administrator():
    return PersonFactory(role="Administração", username="caio", first_name="Caio")


@pytest.fixture
def page(home, writer):
    page = StandardPageFactory(
        parent=home, title="Acordo d'água", slug="acordo", live=False, owner=writer
    )
    page.save_revision(user=writer)
    return page


def submit(page, person):
    state = page.get_workflow().start(page, person)
    mails = list(mail.outbox)
    mail.outbox.clear()
    return state, mails


def act(client, page, person, action, comment=""):
    """Take the present step as ``person`` would in the editor; the state of it."""
    step = page.current_workflow_task_state
    client.force_login(person)
    mail.outbox.clear()
    answer = client.post(
        f"/admin/pages/workflow/action/{page.pk}/{action}/{step.pk}/", {"comment": comment}
    )
    assert answer.status_code == 302
    step.refresh_from_db()
    return step


def assert_portuguese(message):
    text = re.sub(r"\S+@\S+|https?://\S+", "", f"{message.subject}\n{message.body}")
    assert ENGLISH.findall(text) == [], text
    assert "{" not in text
    assert "&#" not in text
    assert "\n" not in message.subject


def links(message):
    return re.findall(r"http://localhost(/\S+)", message.body)


def recipients(mails):
    return sorted(address for message in mails for address in message.to)


def test_every_page_of_every_language_goes_through_the_same_review(home):
    workflow = Workflow.objects.get(active=True)
    assert workflow.name == "Revisão da ACI"
    assert [task.name for task in workflow.tasks] == ["Revisão de texto", "Aprovação"]
    for page in Page.objects.filter(depth__gt=1):
        assert page.get_workflow() == workflow
    assert not GroupApprovalTask.objects.filter(name="Moderators approval").exists()


def test_two_approvals_publish_the_page(client, page, writer, reviewer, administrator):
    state, _ = submit(page, writer)
    act(client, page, reviewer, "approve", "Bom texto.")
    page.refresh_from_db()
    assert not page.live, "the second step is still to come"
    act(client, page, administrator, "approve")
    page.refresh_from_db()
    state.refresh_from_db()
    assert page.live
    assert state.status == WorkflowState.STATUS_APPROVED


def test_one_person_alone_can_take_both_steps(client, page, reviewer):
    submit(page, reviewer)
    act(client, page, reviewer, "approve")
    act(client, page, reviewer, "approve")
    page.refresh_from_db()
    assert page.live


def test_a_writer_approves_nothing_and_cannot_change_a_text_under_review(client, page, writer):
    submit(page, writer)
    step = page.current_workflow_task_state
    client.force_login(writer)
    client.post(f"/admin/pages/workflow/action/{page.pk}/approve/{step.pk}/", {"comment": ""})
    step.refresh_from_db()
    assert step.status == TaskState.STATUS_IN_PROGRESS
    assert page.get_lock().for_user(writer)


def test_reviewers_change_the_text_while_they_review(page, writer, reviewer, administrator):
    submit(page, writer)
    for person in (reviewer, administrator):
        assert not page.get_lock().for_user(person)


def test_a_text_that_came_back_is_submitted_anew(client, page, writer, reviewer):
    state, _ = submit(page, writer)
    act(client, page, reviewer, "reject", "Falta a data.")
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    state.resume(user=writer)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_IN_PROGRESS


def test_a_submission_is_told_to_all_who_may_review_it(page, writer, reviewer, administrator):
    _, mails = submit(page, writer)
    assert recipients(mails) == [reviewer.email, administrator.email]
    message = mails[0]
    assert_portuguese(message)
    assert "Acordo d'água" in message.subject
    assert "Revisão de texto" in message.body
    task = page.current_workflow_task
    assert f"/admin/pages/{page.pk}/edit/" in links(message)
    assert f"/admin/pages/workflow/preview/{page.pk}/{task.pk}/" in links(message)


def test_who_submits_is_not_told_of_it_although_a_reviewer(page, reviewer, administrator):
    _, mails = submit(page, reviewer)
    assert recipients(mails) == [administrator.email]


def test_the_second_step_is_told_to_those_who_did_not_take_the_first(
    client, page, writer, reviewer, administrator
):
    submit(page, writer)
    act(client, page, reviewer, "approve")
    assert recipients(mail.outbox) == [administrator.email]
    assert_portuguese(mail.outbox[0])
    assert "Aprovação" in mail.outbox[0].body


def test_the_approval_is_told_to_the_author_with_the_public_address(
    client, page, writer, reviewer, administrator
):
    submit(page, writer)
    act(client, page, reviewer, "approve")
    act(client, page, administrator, "approve")
    assert recipients(mail.outbox) == [writer.email]
    message = mail.outbox[0]
    assert_portuguese(message)
    assert "Acordo d'água" in message.subject
    page.refresh_from_db()
    assert page.full_url in message.body


def test_a_request_for_changes_is_told_to_the_author_with_its_reason(
    client, page, writer, reviewer
):
    submit(page, writer)
    act(client, page, reviewer, "reject", "Falta a data d'abertura.")
    assert recipients(mail.outbox) == [writer.email]
    message = mail.outbox[0]
    assert_portuguese(message)
    assert "Falta a data d'abertura." in message.body
    assert f"/admin/pages/{page.pk}/edit/" in links(message)


def test_a_withdrawal_is_told_to_the_reviewers(page, writer, reviewer):
    state, _ = submit(page, writer)
    state.cancel(user=writer)
    assert recipients(mail.outbox) == [reviewer.email]
    message = mail.outbox[0]
    assert_portuguese(message)
    assert "cancelada" in message.subject
    assert writer.get_full_name() in message.body
    assert f"/admin/pages/{page.pk}/edit/" in links(message)


def test_publishing_past_the_review_ends_it_and_tells_the_author(
    page, writer, reviewer, administrator
):
    state, _ = submit(page, writer)
    page.latest_revision.publish(user=administrator)
    state.refresh_from_db()
    assert state.status == WorkflowState.STATUS_CANCELLED
    assert recipients(mail.outbox) == [writer.email, reviewer.email]
    for message in mail.outbox:
        assert_portuguese(message)
        assert "publicada" in message.subject
        assert administrator.get_full_name() in message.body


def test_whoever_wants_no_notices_gets_none(page, writer, reviewer):
    from wagtail.users.models import UserProfile

    profile = UserProfile.get_for_user(reviewer)
    profile.submitted_notifications = False
    profile.save()
    state, mails = submit(page, writer)
    state.cancel(user=writer)
    assert mails == []
    assert mail.outbox == []


def test_a_comment_is_told_to_those_who_follow_the_page(client, page, writer, reviewer):
    page.subscribers.create(user=writer, comment_notifications=True)
    client.force_login(reviewer)
    form = {
        "title": page.title,
        "slug": page.slug,
        "summary": "",
        "body-count": 0,
        "comments-TOTAL_FORMS": 1,
        "comments-INITIAL_FORMS": 0,
        "comments-0-contentpath": "title",
        "comments-0-text": "Conferir o nome d'água.",
        "comments-0-position": "",
        "comments-0-replies-TOTAL_FORMS": 0,
        "comments-0-replies-INITIAL_FORMS": 0,
    }
    answer = client.post(f"/admin/pages/{page.pk}/edit/", form)
    assert answer.status_code == 302
    assert recipients(mail.outbox) == [writer.email]
    message = mail.outbox[0]
    assert_portuguese(message)
    assert "Conferir o nome d'água." in message.body
    assert f"/admin/pages/{page.pk}/edit/" in links(message)


def test_notices_have_the_sender_of_the_settings(settings, page, writer, reviewer):
    settings.DEFAULT_FROM_EMAIL = "Jundiaí Global <nao-responda@example.org>"
    _, mails = submit(page, writer)
    assert {message.from_email for message in mails} == {settings.DEFAULT_FROM_EMAIL}


def test_a_workflow_that_administrators_changed_is_left_alone():
    workflow = Workflow.objects.get(name="Revisão da ACI")
    workflow.workflow_tasks.last().delete()
    call_command("sync_roles", verbosity=0)
    assert Workflow.objects.count() == 1
    assert workflow.tasks.count() == 1


def test_pages_without_a_workflow_get_it_back():
    Workflow.objects.get(name="Revisão da ACI").deactivate()
    home = HomePage.objects.first()
    assert home.get_workflow() is None
    call_command("sync_roles", verbosity=0)
    call_command("sync_roles", verbosity=0)
    assert home.get_workflow().name == "Revisão da ACI"
    assert Workflow.objects.filter(active=True).count() == 1
    assert WorkflowPage.objects.count() == 1
    assert Task.objects.count() == 2
    for task in GroupApprovalTask.objects.all():
        names = set(Group.objects.filter(groupapprovaltask=task).values_list("name", flat=True))
        assert names == {"Edição", "Administração"}
