"""English and Spanish pages beside the Portuguese ones."""

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.models import Locale, Page

from news.models import ArticlePage, NewsCategory
from pages.models import Menu, SiteIdentity
from tests.builders import ArticleFactory

pytestmark = pytest.mark.django_db


def soup(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def publish(page, **changes):
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


@pytest.fixture
def english(db):
    return Locale.objects.get_or_create(language_code="en")[0]


@pytest.fixture
def english_news(home, news_index, english):
    english_home = publish(home.copy_for_translation(english), title="Jundiaí Global in English")
    assert english_home.url == "/en/"
    return publish(news_index.copy_for_translation(english), title="News", slug="news")


def switcher(page):
    return {a["hreflang"]: a["href"] for a in page.select("header a[hreflang]")}


def test_a_page_in_one_language_has_no_switcher(client):
    assert switcher(soup(client, "/noticias/")) == {}


def test_the_switcher_shows_the_languages_in_which_the_page_is_published(client, english_news):
    page = soup(client, "/noticias/")
    assert switcher(page) == {"pt-BR": "/noticias/", "en": "/en/news/"}
    assert page.select_one("header [hreflang='pt-BR']").get("aria-current")
    assert page.select_one("head link[rel=alternate][hreflang=en]")["href"].endswith("/en/news/")
    assert switcher(soup(client, "/metas/")) == {}
    english_news.unpublish()
    assert switcher(soup(client, "/noticias/")) == {}


def test_an_english_page_speaks_english(client, english_news):
    moment = timezone.make_aware(timezone.datetime(2026, 3, 5, 12))
    article = ArticleFactory(
        parent=english_news,
        title="A visit",
        slug="a-visit",
        locale=english_news.locale,
        date=moment,
    )
    page = soup(client, article.url)
    assert page.html["lang"] == "en"
    assert "March 5, 2026" in page.get_text()
    assert "Skip to the content" in page.get_text()
    listed = soup(client, "/en/news/")
    assert "A visit" in listed.get_text()
    assert "Amostra" not in listed.select_one("main").get_text()
    assert "A visit" not in soup(client, "/noticias/").get_text()


def test_a_page_is_never_served_under_the_address_of_another_language(client, english_news):
    soup(client, "/en/noticias/", status=404)
    soup(client, "/en/metas/", status=404)
    soup(client, "/es/", status=404)


def test_the_search_stays_in_the_language_of_its_address(client, english_news):
    ArticleFactory(parent=english_news, title="Amostra in English", locale=english_news.locale)
    titles = soup(client, "/en/busca/?q=amostra").select("main :is(h2, h3) a")
    assert [title.get_text() for title in titles] == ["Amostra in English"]


def test_the_english_identity_falls_back_to_the_portuguese_one(client, english_news, english):
    assert "Assessoria de Cooperação Internacional" in soup(client, "/en/").header.get_text()
    translated = SiteIdentity.objects.get().copy_for_translation(english)
    translated.office = "International Cooperation Office"
    translated.save()
    assert "International Cooperation Office" in soup(client, "/en/").header.get_text()
    assert "International Cooperation Office" not in soup(client, "/").header.get_text()


def test_menus_and_categories_can_be_translated(english):
    for model in (Menu, NewsCategory):
        copy = model.objects.first().copy_for_translation(english)
        copy.save()
        assert copy.locale == english


def test_a_translated_article_keeps_its_goals_and_leads_to_its_original(client, english_news):
    article = ArticlePage.objects.filter(goals__isnull=False).first()
    copy = publish(article.copy_for_translation(english_news.locale), slug="sample")
    assert Page.objects.filter(translation_key=article.translation_key).count() == 2
    assert soup(client, copy.url).select_one("header [hreflang='pt-BR']")
