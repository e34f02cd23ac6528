"""Old addresses keep working for ever, whatever becomes of a page's name and place."""

import pytest
from wagtail.models import Page

from news.models import ArticlePage
from pages.models import InstitutionalPage, StandardPage
from tests.builders import ArticleFactory, StandardPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rename(django_capture_on_commit_callbacks):
    """Gives a page another slug and publishes it, with what Wagtail does on commit."""

    def rename(page, slug):
        page = type(page).objects.get(pk=page.pk)
        page.slug = slug
        with django_capture_on_commit_callbacks(execute=True):
            page.save_revision().publish()
        return type(page).objects.get(pk=page.pk)

    return rename


def lands_on(client, address) -> str:
    response = client.get(address, follow=True)
    assert response.status_code == 200, address
    assert len(response.redirect_chain) == 1, response.redirect_chain
    assert response.redirect_chain[0][1] == 301
    return response.redirect_chain[0][0]


def test_every_address_that_a_page_had_leads_to_it_in_one_step(client, rename, news_index):
    article = ArticleFactory(parent=news_index, slug="um")
    for slug in ("dois", "tres", "quatro"):
        article = rename(article, slug)
    for old in ("um", "dois", "tres"):
        assert lands_on(client, f"/noticias/{old}/") == "/noticias/quatro/"


def test_a_page_that_gets_its_old_address_back_is_served_there(client, rename, news_index):
    article = ArticleFactory(parent=news_index, slug="um")
    rename(rename(article, "dois"), "um")
    assert client.get("/noticias/um/").status_code == 200
    assert lands_on(client, "/noticias/dois/") == "/noticias/um/"


def test_a_new_page_at_an_old_address_is_served_there(client, rename, news_index):
    rename(ArticleFactory(parent=news_index, slug="um"), "dois")
    ArticleFactory(parent=Page.objects.get(pk=news_index.pk), slug="um", title="Outra")
    assert "Outra" in client.get("/noticias/um/").content.decode()


def test_a_page_moved_elsewhere_takes_its_old_addresses_and_those_below_it_along(
    client, rename, home
):
    page = StandardPageFactory(parent=home, title="Guia", slug="guia")
    StandardPageFactory(parent=page, title="Capítulo", slug="capitulo")
    page = StandardPage.objects.get(pk=page.pk)
    page.move(InstitutionalPage.objects.get(), pos="last-child")
    assert lands_on(client, "/guia/") == "/a-assessoria/guia/"
    assert lands_on(client, "/guia/capitulo/") == "/a-assessoria/guia/capitulo/"
    rename(StandardPage.objects.get(pk=page.pk), "manual")
    assert lands_on(client, "/guia/capitulo/") == "/a-assessoria/manual/capitulo/"


def test_the_feeds_and_articles_of_a_renamed_index_keep_their_old_addresses(
    client, rename, news_index
):
    article = ArticlePage.objects.first()
    rename(news_index, "imprensa")
    assert lands_on(client, f"/noticias/{article.slug}/") == f"/imprensa/{article.slug}/"
    assert lands_on(client, "/noticias/") == "/imprensa/"
    for part in ("rss", "atom", "arquivo"):
        assert lands_on(client, f"/noticias/{part}/") == f"/imprensa/{part}/"


def test_the_years_and_months_of_a_renamed_index_keep_their_old_addresses(
    client, rename, news_index
):
    date = ArticlePage.objects.newest_first().first().date
    rename(news_index, "imprensa")
    for part in (f"{date:%Y}", f"{date:%Y/%m}"):
        assert lands_on(client, f"/noticias/{part}/") == f"/imprensa/{part}/"


def test_a_draft_change_of_address_redirects_nothing_before_it_is_published(client, news_index):
    article = ArticleFactory(parent=news_index, slug="um")
    article.slug = "dois"
    article.save_revision()
    assert client.get("/noticias/um/").status_code == 200
    assert client.get("/noticias/dois/").status_code == 404
