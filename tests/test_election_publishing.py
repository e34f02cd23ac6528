"""Who publishes news or a video in an election period says why, and it is recorded."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import management
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, GroupPagePermission, Page, Workflow, WorkflowTask

from desk.models import ElectionJustification
from news.models import ArchiveMonth, ArticlePage
from pages.models import StandardPage
from search.models import SearchEntry
from tests.builders import ArticleFactory, VideoPageFactory
from tests.test_admin import article_form
from tests.test_elections import begin

pytestmark = pytest.mark.django_db

WHY = "Publicação exigida pela Lei de Acesso à Informação."


def justify(client, address, text=WHY):
    assert client.get(address).status_code == 200
    return client.post(address, {"text": text})


def write(client, news_index, **fields):
    return client.post(
        f"/admin/pages/add/news/articlepage/{news_index.pk}/", article_form(**fields)
    )


def test_outside_of_a_period_nothing_is_asked(admin_client, news_index):
    begin(1, 2)
    write(admin_client, news_index)
    assert ArticlePage.objects.get(slug="comitiva").live
    assert not ElectionJustification.objects.exists()


def test_a_new_article_waits_as_a_draft_until_it_is_justified(
    admin_client, admin_user, client, news_index
):
    period = begin()
    asked = write(admin_client, news_index)
    assert asked.headers["Location"].startswith("/admin/periodo-eleitoral/publicar/?pagina=")
    article = ArticlePage.objects.get(slug="comitiva")
    assert not article.live
    assert "Texto da notícia." in str(article.get_latest_revision_as_object().body)
    assert not SearchEntry.objects.filter(page_id=article.pk).exists()
    counted = ArchiveMonth.objects.filter(category=None, goal=None)
    assert sum(each.count for each in counted) == ArticlePage.objects.live().count()

    justify(admin_client, asked.headers["Location"])
    article.refresh_from_db()
    assert article.live
    assert not article.has_unpublished_changes
    record = ElectionJustification.objects.get()
    assert (record.page_id, record.user, record.period) == (article.pk, admin_user, period)
    assert record.text == WHY
    assert record.created_at <= timezone.now()
    history = admin_client.get(f"/admin/pages/{article.pk}/history/").content.decode()
    assert WHY in history
    # The form of the tests leaves the box of publicity empty.
    assert not record.is_publicity
    client.logout()
    assert client.get("/noticias/comitiva/").status_code == 200


@pytest.mark.parametrize("text", ["", "   ", "curta"])
def test_a_justification_that_says_nothing_is_refused_and_nothing_published(
    admin_client, news_index, text
):
    begin()
    article = ArticleFactory(parent=news_index, live=False)
    article.save_revision()
    answer = justify(admin_client, f"/admin/periodo-eleitoral/publicar/?pagina={article.pk}", text)
    assert answer.status_code == 200
    assert "Escreva a justificativa" in answer.content.decode()
    article.refresh_from_db()
    assert not article.live
    assert not ElectionJustification.objects.exists()


def test_a_draft_is_saved_without_being_asked(admin_client, news_index):
    begin()
    form = article_form()
    del form["action-publish"]
    answer = admin_client.post(f"/admin/pages/add/news/articlepage/{news_index.pk}/", form)
    assert "periodo-eleitoral" not in answer.headers["Location"]
    assert ArticlePage.objects.filter(slug="comitiva", live=False).exists()


def test_a_change_of_what_is_published_waits_and_what_stands_is_kept(admin_client, news_index):
    article = ArticleFactory(parent=news_index, title="Como estava", slug="comitiva")
    article.save_revision().publish()
    begin()
    asked = admin_client.post(f"/admin/pages/{article.pk}/edit/", article_form(title="Mudada"))
    assert "periodo-eleitoral" in asked.headers["Location"]
    article.refresh_from_db()
    assert (article.live, article.title) == (True, "Como estava")
    justify(admin_client, asked.headers["Location"])
    article.refresh_from_db()
    assert (article.live, article.title) == (True, "Mudada")


def test_other_pages_are_published_as_ever(admin_client):
    begin()
    page = StandardPage.objects.get(slug="contato")
    answer = admin_client.post(
        reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        + f"?id={page.pk}&next=/admin/",
        {},
    )
    assert answer.headers["Location"] == "/admin/"


def test_a_publication_scheduled_for_the_period_is_asked_about_now(admin_client, news_index):
    begin(24, 48)
    go_live_at = timezone.localtime() + timedelta(hours=30)
    asked = write(admin_client, news_index, go_live_at=go_live_at.strftime("%Y-%m-%d %H:%M"))
    assert "periodo-eleitoral" in asked.headers["Location"]
    justify(admin_client, asked.headers["Location"])
    article = ArticlePage.objects.get(slug="comitiva")
    assert not article.live
    assert article.scheduled_revision
    assert ElectionJustification.objects.count() == 1


def test_several_drafts_are_published_together_each_with_the_justification(
    admin_client, news_index, video_index
):
    begin()
    pages = [
        ArticleFactory(parent=news_index, live=False),
        VideoPageFactory(
            parent=video_index,
            live=False,
            summary="Um vídeo de amostra, que só este teste publica.",
            external_url="https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            transcript="<p>O que se diz.</p>",
        ),
    ]
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    query = "&".join(f"id={page.pk}" for page in pages)
    asked = admin_client.post(f"{address}?{query}&next=/admin/pages/", {})
    assert "periodo-eleitoral" in asked.headers["Location"]
    assert not Page.objects.filter(pk__in=[page.pk for page in pages], live=True).exists()
    done = justify(admin_client, asked.headers["Location"])
    assert done.headers["Location"] == "/admin/pages/"
    assert Page.objects.filter(pk__in=[page.pk for page in pages], live=True).count() == 2
    assert {each.page_id for each in ElectionJustification.objects.all()} == {
        page.pk for page in pages
    }


def test_drafts_below_what_is_published_are_asked_about_too(admin_client, news_index):
    begin()
    draft = ArticleFactory(parent=news_index, live=False)
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    asked = admin_client.post(
        f"{address}?id={news_index.pk}&next=/admin/", {"include_descendants": "on"}
    )
    assert f"pagina={draft.pk}" in asked.headers["Location"]


@pytest.fixture
def moderator(django_user_model):
    """May approve and publish."""
    group = Group.objects.create(name="Moderação de teste")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    root = Page.objects.get(depth=1)
    for codename in ("change_page", "publish_page"):
        permission = Permission.objects.get(codename=codename)
        GroupPagePermission.objects.create(group=group, page=root, permission=permission)
    user = django_user_model.objects.create_user("moderadora", password="senha-de-teste")
    user.groups.add(group)
    return user


@pytest.fixture
def submitted(moderator, admin_user, news_index):
    article = ArticleFactory(parent=news_index, slug="comitiva", live=False)
    article.save_revision()
    task = GroupApprovalTask.objects.create(name="Aprovação de teste")
    task.groups.set(moderator.groups.all())
    workflow = Workflow.objects.create(name="Revisão de teste")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    workflow.start(article, admin_user)
    return article


def test_an_approval_leads_to_the_justification_and_then_publishes(client, moderator, submitted):
    begin()
    client.force_login(moderator)
    state = submitted.current_workflow_task_state
    address = reverse(
        "wagtailadmin_pages:workflow_action", args=[submitted.pk, "approve", state.pk]
    )
    asked = client.post(address, {"comment": ""})
    assert "periodo-eleitoral/publicar" in asked.headers["Location"]
    submitted.refresh_from_db()
    assert not submitted.live
    justify(client, asked.headers["Location"])
    submitted.refresh_from_db()
    assert submitted.live
    assert ElectionJustification.objects.get().user == moderator


def test_an_approval_in_a_dialogue_leads_there_too(client, moderator, submitted):
    begin()
    client.force_login(moderator)
    state = submitted.current_workflow_task_state
    address = reverse(
        "wagtailadmin_pages:workflow_action", args=[submitted.pk, "approve", state.pk]
    )
    asked = client.post(address, {"comment": ""}, headers={"x-requested-with": "XMLHttpRequest"})
    assert "periodo-eleitoral/publicar" in asked.json()["redirect"]


def test_an_approval_while_editing_leads_there_too(client, moderator, submitted):
    begin()
    client.force_login(moderator)
    form = article_form(title="Revista")
    del form["action-publish"]
    form |= {"action-workflow-action": "true", "workflow-action-name": "approve"}
    asked = client.post(f"/admin/pages/{submitted.pk}/edit/", form)
    assert "periodo-eleitoral/publicar" in asked.headers["Location"]
    justify(client, asked.headers["Location"])
    submitted.refresh_from_db()
    assert (submitted.live, submitted.title) == (True, "Revista")


def test_outside_of_a_period_an_approval_publishes(client, moderator, submitted):
    client.force_login(moderator)
    state = submitted.current_workflow_task_state
    client.post(
        reverse("wagtailadmin_pages:workflow_action", args=[submitted.pk, "approve", state.pk]),
        {"comment": ""},
    )
    submitted.refresh_from_db()
    assert submitted.live


def test_who_may_not_publish_cannot_justify(client, moderator, news_index):
    begin()
    GroupPagePermission.objects.filter(permission__codename="publish_page").delete()
    draft = ArticleFactory(parent=news_index, live=False)
    client.force_login(moderator)
    address = f"/admin/periodo-eleitoral/publicar/?pagina={draft.pk}"
    assert client.post(address, {"text": WHY}).status_code in (302, 403)
    draft.refresh_from_db()
    assert not draft.live
    assert not ElectionJustification.objects.exists()


@pytest.mark.parametrize("query", ["", "pagina=", "pagina=abc", "pagina=999999999", "pagina=%00"])
def test_a_question_about_no_page_is_answered_with_404(admin_client, query):
    assert admin_client.get(f"/admin/periodo-eleitoral/publicar/?{query}").status_code == 404


def test_copies_made_in_the_period_are_drafts(admin_client, news_index):
    begin()
    article = ArticleFactory(parent=news_index, slug="original")
    form = {
        "new_title": "Cópia",
        "new_slug": "copia",
        "new_parent_page": news_index.pk,
        "publish_copies": "on",
    }
    refused = admin_client.post(f"/admin/pages/{article.pk}/copy/", form, follow=True)
    assert "nascem como rascunho" in refused.content.decode()
    assert not Page.objects.filter(slug="copia").exists()
    del form["publish_copies"]
    admin_client.post(f"/admin/pages/{article.pk}/copy/", form)
    assert Page.objects.filter(slug="copia", live=False).exists()


def test_the_administration_reads_all_justifications(admin_client, client, moderator, news_index):
    begin()
    article = ArticleFactory(parent=news_index, title="Justificada", live=False)
    article.save_revision()
    justify(admin_client, f"/admin/periodo-eleitoral/publicar/?pagina={article.pk}")
    article.delete()
    report = admin_client.get("/admin/reports/periodo-eleitoral/").content.decode()
    assert WHY in report
    assert "Justificada" in report
    table = admin_client.get("/admin/reports/periodo-eleitoral/?export=csv").getvalue().decode()
    assert WHY in table
    client.force_login(moderator)
    assert client.get("/admin/reports/periodo-eleitoral/").status_code in (302, 403)


def test_commands_count_and_index_what_is_stored_whatever_the_period(news_index):
    begin()
    before = list(ArchiveMonth.objects.values_list("month", "count").order_by("month"))
    management.call_command("recount_news", stdout=io.StringIO())
    assert list(ArchiveMonth.objects.values_list("month", "count").order_by("month")) == before
    entries = SearchEntry.objects.count()
    management.call_command("rebuild_search", verbosity=0)
    assert SearchEntry.objects.count() == entries
