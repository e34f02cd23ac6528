"""What surrounds the text of a news item."""

import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.documents import get_document_model

from news.models import ArticlePage
from tests.builders import ArticleFactory

pytestmark = pytest.mark.django_db


def soup(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def test_an_article_is_shared_by_plain_links_that_carry_title_and_address(client, news_index):
    article = ArticleFactory(parent=news_index, title="Chá & “visita” 100%", slug="cha")
    links = [a["href"] for a in soup(client, article.url).select(".share a")]
    whatsapp, email = links
    assert whatsapp.startswith("https://wa.me/?text=Ch%C3%A1%20%26%20%E2%80%9Cvisita")
    assert whatsapp.endswith("%0Ahttp%3A//localhost/noticias/cha/")
    assert email.startswith("mailto:?subject=Ch%C3%A1%20%26%20")
    assert email.endswith("%0D%0A%0D%0Ahttp%3A//localhost/noticias/cha/")


def test_an_update_on_a_later_day_is_told_and_one_on_the_same_day_is_not(client, news_index):
    article = ArticleFactory(parent=news_index, date=timezone.now() - timedelta(days=3))
    now = timezone.now()
    for published, is_told in [(now - timedelta(days=3), False), (now, True)]:
        ArticlePage.objects.filter(pk=article.pk).update(
            first_published_at=now - timedelta(days=3), last_published_at=published
        )
        head = soup(client, article.url).select_one(".pagehead .meta").get_text()
        assert ("Atualizada em" in head) == is_told


def test_corrections_are_shown_under_their_own_heading(client, news_index):
    article = ArticleFactory(parent=news_index)
    assert not soup(client, article.url).select("#correcoes")
    article.corrections = "<p>O nome da cidade estava errado.</p>"
    article.save_revision().publish()
    notice = soup(client, article.url).select_one("[aria-labelledby=correcoes]")
    assert "O nome da cidade estava errado." in notice.get_text()


def test_each_picture_of_a_gallery_leads_to_itself_in_full_size(client):
    article = ArticlePage.objects.get(slug__contains="galeria-de-imagens")
    links = soup(client, article.url).select(".gallery a")
    assert len(links) == 4
    for link in links:
        assert link["href"].startswith("/media/images/")
        assert link.img["alt"]
        assert link.get_text(strip=True).startswith("Ampliar a imagem")


def test_a_document_in_the_text_says_its_kind_and_true_size(client):
    document = get_document_model().objects.first()
    article = ArticlePage.objects.get(slug__contains="galeria-de-imagens")
    label = soup(client, article.url).select_one(".documents a").get_text()
    assert document.file_size == len(b"Documento de amostra.\n")
    assert "(TXT, 22\xa0bytes)" in label


def test_a_printed_page_carries_its_address(client):
    article = ArticlePage.objects.first()
    assert article.full_url in soup(client, article.url).select_one(".print-source").get_text()


def test_machines_are_told_all_that_a_news_article_must_have(client):
    """The properties that schema.org and search engines expect of a NewsArticle."""
    article = ArticlePage.objects.filter(cover__isnull=False, category__isnull=False).first()
    script = soup(client, article.url).select_one("script[type='application/ld+json']")
    graph = json.loads(script.string)["@graph"]
    by_id = {thing["@id"]: thing for thing in graph if "@id" in thing}
    news = next(thing for thing in graph if thing["@type"] == "NewsArticle")
    assert news["headline"] == article.title
    assert news["datePublished"] == article.date.isoformat()
    assert news["dateModified"] >= news["datePublished"]
    assert news["mainEntityOfPage"] == news["@id"].split("#")[0] == article.full_url
    assert news["inLanguage"] == "pt-BR"
    assert news["articleSection"] == article.category.name
    for image in news["image"]:
        assert image.startswith("http://localhost/media/")
    for role in ("author", "publisher"):
        assert by_id[news[role]["@id"]]["name"] == "Assessoria de Cooperação Internacional"
