"""What texts refer to comes together, and leads visitors only to what is there for them."""

import json

import pytest
from bs4 import BeautifulSoup
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.documents import get_document_model
from wagtail.models import Locale, PageViewRestriction

from news.models import ArticlePage
from pages.models import StandardPage, VideoPage
from pages.references import References
from tests.builders import ArticleFactory, StandardPageFactory, full_body

pytestmark = pytest.mark.django_db


def link(kind, thing, words="Ir") -> str:
    return f'<p><a linktype="{kind}" id="{thing.pk}">{words}</a></p>'


@pytest.fixture
def contact():
    return StandardPage.objects.get(slug="contato")


def links(client, article) -> dict[str, str | None]:
    page = BeautifulSoup(client.get(article.url).content, "html.parser")
    return {a.get_text(): a.get("href") for a in page.select(".paragraph a")}


def test_links_of_a_text_lead_to_pages_and_documents(client, news_index, contact):
    document = get_document_model().objects.first()
    article = ArticleFactory(
        parent=news_index,
        body=[
            ("paragraph", link("page", contact, "Contato") + link("document", document, "Lei")),
            ("paragraph", '<p><a href="https://example.org/?a=1&amp;b=2">Fora</a></p>'),
        ],
    )
    assert links(client, article) == {
        "Contato": "/contato/",
        "Lei": document.url,
        "Fora": "https://example.org/?a=1&b=2",
    }


def test_a_link_to_what_visitors_may_not_see_leads_nowhere(client, news_index, home, contact):
    draft = StandardPageFactory(parent=home, title="Rascunho", slug="rascunho", live=False)
    private = StandardPageFactory(parent=home, title="Reservada", slug="reservada")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    gone = '<p><a linktype="page" id="999999">Sumiu</a></p>'
    article = ArticleFactory(
        parent=news_index,
        body=[
            ("paragraph", link("page", draft, "Rascunho") + link("page", private, "Reservada")),
            ("paragraph", gone + link("page", contact, "Contato")),
        ],
    )
    assert links(client, article) == {
        "Rascunho": None,
        "Reservada": None,
        "Sumiu": None,
        "Contato": "/contato/",
    }


def test_a_link_leads_to_the_page_in_the_language_of_the_text(client, home, contact):
    english = Locale.objects.get(language_code="en")
    home_in_english = home.copy_for_translation(english)
    home_in_english.save_revision().publish()
    contact_in_english = contact.copy_for_translation(english)
    contact_in_english.save_revision().publish()
    references = References("en")
    references.want_source(link("page", contact))
    assert references.html(link("page", contact)) == '<p><a href="/en/contato/">Ir</a></p>'


def test_links_are_followed_in_every_place_that_a_text_may_stand(client, news_index, contact):
    text = link("page", contact)
    table = {
        "columns": [{"type": "rich_text", "heading": "Coluna"}],
        "rows": [{"values": [text]}],
        "caption": "",
    }
    video = VideoPage.objects.filter(video_file__isnull=False).first()
    video.transcript = text
    video.save_revision().publish()
    values = [
        {"type": "paragraph", "value": text},
        {"type": "fact_box", "value": {"title": "Quadro", "text": text}},
        {"type": "accordion", "value": {"items": [{"title": "Item", "text": text}]}},
        {"type": "table", "value": {"table": table, "first_column_is_header": False}},
        {"type": "video", "value": video.pk},
        {"type": "call_to_action", "value": {"label": "Ir", "page": contact.pk}},
    ]
    article = ArticleFactory(parent=news_index, corrections=text)
    article.body = json.dumps(values)
    article.save_revision().publish()
    page = BeautifulSoup(client.get(article.url).content, "html.parser")
    found = page.select("article .prose a[href='/contato/'], article .notice a[href='/contato/']")
    assert len(found) == len(values) + 1
    assert not page.select("a[linktype]")


def test_the_queries_of_a_page_do_not_depend_on_how_many_links_it_has(client, news_index, contact):
    document = get_document_model().objects.first()
    text = link("page", contact) + link("document", document)

    def queries(parts: int) -> int:
        article = ArticleFactory(parent=news_index, body=[("paragraph", text)] * parts)
        client.get(article.url)
        for cache in caches.all():
            cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert len(links(client, article)) == 1
        return len(captured)

    assert queries(1) == queries(12)


def test_drawing_a_page_changes_nothing_of_what_is_stored(client, news_index, contact):
    article = ArticleFactory(parent=news_index, body=full_body())
    field = ArticlePage._meta.get_field("body")
    stored = json.loads(field.value_to_string(ArticlePage.objects.get(pk=article.pk)))
    drawn = ArticlePage.objects.get(pk=article.pk)
    assert client.get(drawn.url).status_code == 200
    _ = drawn.pictures()
    assert json.loads(field.value_to_string(drawn)) == stored


def test_a_private_video_is_not_shown_in_the_middle_of_a_public_text(client, news_index):
    video = VideoPage.objects.filter(video_file__isnull=False).first()
    article = ArticleFactory(parent=news_index, body=[("video", video)])
    assert video.title in client.get(article.url).content.decode()
    PageViewRestriction.objects.create(page=video, restriction_type="login")
    assert video.title not in client.get(article.url).content.decode()
