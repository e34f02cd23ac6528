"""The admin's list of all articles."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import GroupPagePermission, PageViewRestriction

from news.models import ArticlePage, NewsCategory
from pages.models import VideoIndexPage
from tests.builders import ArticleFactory, add_many_articles

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/noticias/"


def titles(client, query="") -> list[str]:
    response = client.get(ADDRESS + query)
    assert response.status_code == 200
    page = BeautifulSoup(response.content, "html.parser")
    return [link.get_text(strip=True) for link in page.select("td.title a[href$='/edit/']")]


def editor_of(client, django_user_model, page):
    """Sign in somebody who may change ``page`` and what is below it, and nothing else."""
    group = Group.objects.create(name="Quem escreve")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    change = Permission.objects.get(codename="change_page")
    GroupPagePermission.objects.create(group=group, page=page, permission=change)
    user = django_user_model.objects.create_user("redator")
    user.groups.add(group)
    client.force_login(user)
    return client


def newest() -> list[str]:
    return list(ArticlePage.objects.newest_first().values_list("title", flat=True))


def test_every_article_is_listed_newest_first_whatever_its_state(admin_client, news_index):
    ArticleFactory(parent=news_index, title="Rascunho", live=False)
    private = ArticleFactory(parent=news_index, title="Reservada")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    assert titles(admin_client) == newest()
    assert titles(admin_client)[:2] == ["Reservada", "Rascunho"]


def test_the_list_is_cut_anywhere_at_the_same_cost(admin_client, news_index):
    def queries(query):
        with CaptureQueriesContext(connection) as captured:
            assert len(titles(admin_client, query)) == 24
        return len(captured)

    queries("")
    few = queries("")
    add_many_articles(news_index, 1000)
    assert queries("?p=21") == few
    assert titles(admin_client) == newest()[:50]
    assert titles(admin_client, "?p=21") == newest()[1000:]


def test_the_list_is_filtered_searched_and_sorted(admin_client, news_index):
    category = NewsCategory.objects.get(slug="acordos")
    draft = ArticleFactory(parent=news_index, title="Xilogravura", live=False, category=category)
    of_category = ArticlePage.objects.filter(category=category).newest_first()
    listed = titles(admin_client, f"?category={category.pk}")
    assert listed == list(of_category.values_list("title", flat=True))
    assert titles(admin_client, "?live=false") == [draft.title]
    assert titles(admin_client, "?q=xilogravura") == [draft.title]
    assert titles(admin_client, "?ordering=-title")[0] == draft.title


def test_an_editor_sees_the_lists_that_are_his(client, django_user_model, news_index):
    editor_of(client, django_user_model, news_index)
    assert titles(client) == newest()


def test_an_editor_of_something_else_sees_no_article(client, django_user_model):
    editor_of(client, django_user_model, VideoIndexPage.objects.first())
    assert titles(client) == []
