"""Pages are reviewed from time to time; whoever answers for them is named."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from wagtail.models import GroupPagePermission, PageLogEntry

from desk.models import PageReview, goes_stale
from tests.builders import ArticleFactory, StandardPageFactory

pytestmark = pytest.mark.django_db
OVERDUE = timedelta(days=settings.REVIEW_PAGES_EVERY_DAYS + 1)


@pytest.fixture
def page(home):
    return StandardPageFactory(parent=home, title="Contato da casa", slug="contato-da-casa")


def let_be_overdue(page):
    PageReview.objects.filter(page=page).update(reviewed_on=timezone.localdate() - OVERDUE)


def address_of(page) -> str:
    return f"/admin/mesa/revisao/{page.pk}/"


def editor_below(page, django_user_model, name="redatora"):
    group = Group.objects.create(name=f"Redação de {page.pk} {name}")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    change = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=group, page=page, permission=change)
    user = django_user_model.objects.create_user(name)
    user.groups.add(group)
    return user


def test_a_page_that_is_made_published_counts_as_reviewed_that_day(page):
    assert PageReview.objects.get(page=page).reviewed_on == timezone.localdate()


def test_publishing_a_page_counts_as_a_review(page):
    let_be_overdue(page)
    page.save_revision().publish()
    assert PageReview.objects.get(page=page).reviewed_on == timezone.localdate()


def test_saving_a_draft_or_scheduling_it_is_no_review(page):
    let_be_overdue(page)
    page.save_revision()
    page.go_live_at = timezone.now() + timedelta(days=3)
    page.live = False
    page.save_revision().publish()
    assert PageReview.objects.get(page=page).is_overdue


def test_news_tell_of_their_day_and_are_not_asked_to_be_reviewed(news_index):
    article = ArticleFactory(parent=news_index)
    assert not goes_stale(article)
    article.save_revision().publish()
    assert not PageReview.objects.filter(page=article).exists()


def test_the_review_is_due_after_the_days_that_are_set_and_not_before(page):
    review = PageReview.objects.get(page=page)
    review.reviewed_on = timezone.localdate() - timedelta(days=settings.REVIEW_PAGES_EVERY_DAYS)
    review.save()
    assert page.pk not in PageReview.objects.overdue().values_list("page", flat=True)
    let_be_overdue(page)
    assert page.pk in PageReview.objects.overdue().values_list("page", flat=True)


def test_drafts_are_not_asked_to_be_reviewed(page):
    let_be_overdue(page)
    page.unpublish()
    assert page.pk not in PageReview.objects.overdue().values_list("page", flat=True)


def test_an_editor_marks_a_page_as_reviewed_and_its_history_says_so(admin_client, page):
    let_be_overdue(page)
    answer = admin_client.post(address_of(page), {"responsible": "", "reviewed": "1"}, follow=True)
    assert "revisada hoje" in answer.content.decode()
    assert PageReview.objects.get(page=page).reviewed_on == timezone.localdate()
    assert PageLogEntry.objects.filter(page=page.pk, action="desk.review").exists()
    history = admin_client.get(f"/admin/pages/{page.pk}/history/").content.decode()
    assert "Página revisada" in history


def test_an_editor_names_the_person_who_answers_for_a_page(admin_client, page, django_user_model):
    let_be_overdue(page)
    person = editor_below(page, django_user_model)
    person.first_name, person.last_name = "Maria", "Silva"
    person.save()
    shown = admin_client.get(address_of(page)).content.decode()
    assert "Maria Silva" in shown
    admin_client.post(address_of(page), {"responsible": person.pk})
    review = PageReview.objects.get(page=page)
    assert review.responsible == person
    assert review.is_overdue, "naming somebody is no review"
    history = admin_client.get(f"/admin/pages/{page.pk}/history/").content.decode()
    assert "Maria Silva" in history


def test_somebody_who_cannot_change_the_page_cannot_answer_for_it(
    admin_client, page, django_user_model
):
    stranger = django_user_model.objects.create_user("visitante")
    answer = admin_client.post(address_of(page), {"responsible": stranger.pk})
    assert answer.status_code == 200
    assert PageReview.objects.get(page=page).responsible is None


def test_a_page_outlives_the_account_of_who_answers_for_it(page, django_user_model):
    person = editor_below(page, django_user_model)
    PageReview.objects.filter(page=page).update(responsible=person)
    person.delete()
    assert PageReview.objects.get(page=page).responsible is None


def test_an_editor_of_other_pages_cannot_review_this_one(
    client, page, news_index, django_user_model
):
    client.force_login(editor_below(news_index, django_user_model))
    let_be_overdue(page)
    assert client.post(address_of(page), {"reviewed": "1"}).status_code == 302
    assert PageReview.objects.get(page=page).is_overdue


def test_pages_that_do_not_go_stale_or_do_not_exist_have_no_review(admin_client, news_index):
    article = ArticleFactory(parent=news_index)
    assert admin_client.get(address_of(article)).status_code == 404
    assert admin_client.get("/admin/mesa/revisao/999999/").status_code == 404


def test_whoever_opens_an_overdue_page_is_told_so_above_it(admin_client, page):
    def edit():
        return admin_client.get(f"/admin/pages/{page.pk}/edit/").content.decode()

    assert "Ela continua certa?" not in edit()
    assert address_of(page) in edit(), "the way to the review"
    let_be_overdue(page)
    assert "Ela continua certa?" in edit()


def test_the_review_goes_with_its_page(page):
    page.delete()
    assert not PageReview.objects.filter(page_id=page.pk).exists()
