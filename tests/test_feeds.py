"""The feeds of the news: whole texts, valid in each format, fetched again only when they change."""

import json
import re
from datetime import timedelta
from pathlib import Path

import feedparser
import jsonschema
import pytest
import xmlschema
from bs4 import BeautifulSoup
from defusedxml import ElementTree
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Locale, Page, PageViewRestriction

from jundiai_global.demo.pictures import sample_file
from news.models import ArticlePage, NewsCategory, NewsIndexPage
from pages.blocks import BodyBlock
from pages.models import SiteIdentity, StandardPage, VideoPage
from pages.standalone import StandaloneTexts
from tests.builders import (
    ArticleFactory,
    NewsCategoryFactory,
    StandardPageFactory,
    add_many_articles,
    empty,
)

pytestmark = pytest.mark.django_db

KINDS = ("rss", "atom", "json")
SCHEMAS = Path(__file__).parent / "schemas"
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
MEDIA = "{http://search.yahoo.com/mrss/}content"
#: What JSON Feed 1.1 requires, and the types of what we give besides.
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "home_page_url": {"type": "string", "format": "uri"},
        "feed_url": {"type": "string", "format": "uri"},
        "language": {"type": "string"},
        "authors": {"$ref": "#/$defs/authors"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_html"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": {"type": "string", "format": "uri"},
                    "title": {"type": "string"},
                    "content_html": {"type": "string"},
                    "summary": {"type": "string"},
                    "image": {"type": "string", "format": "uri"},
                    "date_published": {"type": "string", "format": "date-time"},
                    "date_modified": {"type": "string", "format": "date-time"},
                    "authors": {"$ref": "#/$defs/authors"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "language": {"type": "string"},
                },
            },
        },
    },
    "$defs": {
        "authors": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "required": ["name"]},
        }
    },
}


def get(client, kind, address="/noticias/", **headers):
    return client.get(f"{address}{kind}/", headers=headers)


def content(client, kind, address="/noticias/") -> str:
    response = get(client, kind, address)
    assert response.status_code == 200
    return response.content.decode()


def entries(client, kind, address="/noticias/") -> list[dict]:
    """Each item's id, title, address and HTML, read from any of the formats."""
    text = content(client, kind, address)
    if kind == "json":
        return [
            {"id": i["id"], "title": i["title"], "url": i["url"], "html": i["content_html"]}
            for i in json.loads(text)["items"]
        ]
    parsed = feedparser.parse(text)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [
        {"id": e.id, "title": e.title, "url": e.link, "html": e.content[0].value}
        for e in parsed.entries
    ]


@pytest.fixture
def newest(news_index):
    return ArticlePage.objects.live().newest_first().first()


def publish(page, **changes):
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()
    page.refresh_from_db()
    return page


# What they say --------------------------------------------------------------------------------


def test_rss_has_what_the_specification_requires(client):
    channel = ElementTree.fromstring(content(client, "rss")).find("channel")
    for name in ("title", "link", "description", "language", "lastBuildDate"):
        assert channel.findtext(name), name
    myself = channel.find(f"{ATOM}link[@rel='self']")
    assert myself.get("href") == "http://localhost/noticias/rss/"
    items = channel.findall("item")
    assert len(items) == 20
    for item in items:
        for name in ("title", "link", "guid", "pubDate", CONTENT):
            assert item.findtext(name), name
        assert item.find("guid").get("isPermaLink") == "false"
        assert len(item.findall("enclosure")) <= 1


def test_atom_has_what_rfc_4287_requires(client):
    feed = ElementTree.fromstring(content(client, "atom"))
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "pt-BR"
    assert feed.find(f"{ATOM}link[@rel='self']").get("href").endswith("/noticias/atom/")
    whens = []
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert element.find(f"{ATOM}author/{ATOM}name").text
        whens.append(timezone.datetime.fromisoformat(element.findtext(f"{ATOM}updated")))
        assert whens[-1].tzinfo
    assert whens[0] == max(whens[1:])
    for entry in feed.findall(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}content").get("type") == "html"
        assert entry.findtext(f"{ATOM}published")


@pytest.mark.parametrize("address", ["/noticias/{}/", "/noticias/assunto/eventos/{}/"])
@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_the_xml_feeds_are_valid_by_the_schemas_of_their_specifications(client, kind, address):
    feed = client.get(address.format(kind)).content.decode()
    schema = xmlschema.XMLSchema11(SCHEMAS / f"{kind}.xsd")
    schema.validate(feed)
    wrongs = {
        "rss": [("<title>", "<title/><title>"), ("pubDate>", "pub>"), (' type="image/jpeg"', "")],
        "atom": [("<id>", "<id>x</id><id>"), ("<updated>2", "<updated>x"), (' href="', ' ref="')],
    }
    for right, wrong in wrongs[kind]:
        assert right in feed
        assert not schema.is_valid(feed.replace(right, wrong)), wrong


def test_json_feed_has_what_version_1_1_requires(client):
    feed = json.loads(content(client, "json"))
    jsonschema.validate(feed, JSON_FEED, format_checker=jsonschema.FormatChecker())
    assert len(feed["items"]) == 20
    assert feed["language"] == "pt-BR"
    assert any("image" in item for item in feed["items"])


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("rss", "application/rss+xml"),
        ("atom", "application/atom+xml"),
        ("json", "application/feed+json"),
    ],
)
def test_each_kind_is_served_and_announced_as_what_it_is(client, kind, media_type):
    assert get(client, kind).headers["Content-Type"] == f"{media_type}; charset=utf-8"
    page = BeautifulSoup(client.get("/").content, "html.parser")
    link = page.select_one(f"head link[rel=alternate][type='{media_type}']")
    assert link["href"] == f"/noticias/{kind}/"


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_has_the_newest_published_articles_and_no_other(client, news_index, kind):
    ArticleFactory(parent=news_index, title="Público")
    ArticleFactory(parent=news_index, title="Rascunho", live=False)
    private = ArticleFactory(parent=news_index, title="Reservado")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    titles = [entry["title"] for entry in entries(client, kind)]
    wanted = ArticlePage.objects.published().newest_first().values_list("title", flat=True)[:20]
    assert titles == list(wanted)
    assert titles[0] == "Público"


@pytest.mark.parametrize("kind", KINDS)
def test_an_article_keeps_its_id_when_its_address_changes(client, newest, kind):
    before = entries(client, kind)[0]
    publish(newest, slug="outro-endereco", title="Outro título")
    after = entries(client, kind)[0]
    assert after["url"] == "http://localhost/noticias/outro-endereco/"
    assert before["url"] != after["url"]
    assert before["id"] == after["id"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_whole_and_stands_alone(client, kind):
    for entry in entries(client, kind):
        html = BeautifulSoup(entry["html"], "html.parser")
        assert html.get_text(strip=True)
        assert not html.select("script, style, source, picture, video, details, svg, button")
        assert not html.select("[id], [class], [style], [data-block-key], [linktype]")
        for link in html.select("[href]"):
            assert re.match(r"(https?://|mailto:)", link["href"])
        for image in html.select("img"):
            assert image["src"].startswith("http")
            assert image["width"]
            assert image["height"]
            assert image.has_attr("alt")


def test_every_block_of_a_body_has_a_way_to_stand_alone(news_index):
    block = BodyBlock()
    values = []
    for name, child in block.child_blocks.items():
        value = child.get_preview_value()
        values.append((name, value if value is not None else child.get_default()))
    article = ArticleFactory(parent=news_index, body=values)
    article.refresh_from_db()
    identity = SiteIdentity.objects.first()
    identity.email = "aci@example.org"
    html = StandaloneTexts([article], "pt-br", identity).body_html(article)
    for words in (
        "O que são cidades-irmãs",
        "Um texto com",
        "Legenda da imagem",
        "Galeria",
        "diplomacia federativa",
        "Entrar em contato",
        "Texto integral",
        "Vídeo:",
        "Iwakuni",
        "paradiplomacia",
        "Quanto tempo leva",
        "OpenStreetMap",
        "aci@example.org",
    ):
        assert words in html, words
    assert "data-block-key" not in html
    assert 'id="' not in html


def test_links_inside_the_text_lead_to_the_place_in_the_language_of_the_text(client, news_index):
    page = StandardPage.objects.get(slug="contato")
    document = get_document_model().objects.first()
    article = ArticleFactory(
        parent=news_index,
        body=[
            (
                "paragraph",
                f'<p><a linktype="page" id="{page.pk}">Contato</a> '
                f'<a linktype="document" id="{document.pk}">Lei</a> '
                '<a linktype="page" id="999999">Sumiu</a> <a href="#parte">Parte</a> '
                '<a href="/busca/?q=a&amp;b=c">Busca</a> 1 &lt; 2 href="/x"</p>',
            )
        ],
    )
    html = entries(client, "json")[0]["html"]
    assert 'href="http://localhost/contato/"' in html
    assert f'href="http://localhost{document.url}"' in html
    assert "<a>Sumiu</a>" in html
    assert f'href="http://localhost{article.url}#parte"' in html
    assert 'href="http://localhost/busca/?q=a&amp;b=c"' in html
    assert '1 &lt; 2 href="/x"' in html


def test_corrections_end_the_text(client, newest):
    publish(newest, corrections="<p>Onde se lia maio, era junho.</p>")
    assert entries(client, "rss")[0]["html"].endswith("<p>Onde se lia maio, era junho.</p>")


def test_the_picture_of_an_article_goes_with_its_true_size(client):
    feed = ElementTree.fromstring(content(client, "rss"))
    enclosures = feed.findall("channel/item/enclosure")
    assert enclosures
    for enclosure in enclosures:
        file = ArticlePage._meta.get_field("cover").related_model.get_rendition_model()
        stored = file.objects.get(file=enclosure.get("url").split("/media/")[1])
        assert int(enclosure.get("length")) == stored.file.size
        assert enclosure.get("type") == "image/jpeg"
    media = feed.find(f"channel/item/{MEDIA}")
    assert int(media.get("width")) > 0
    assert media.get("url") == enclosures[0].get("url")


def test_a_picture_whose_file_is_gone_leaves_the_feed_whole(client, newest):
    image = newest.cover
    image.get_rendition("fill-1200x630|format-jpeg").file.storage.delete(
        image.get_rendition("fill-1200x630|format-jpeg").file.name
    )
    assert len(entries(client, "rss")) == 20


@pytest.mark.parametrize("kind", KINDS)
def test_control_characters_and_markup_in_a_title_do_no_harm(client, news_index, kind):
    ArticleFactory(
        parent=news_index,
        title="A\x0b\x1f <b>&amp;\ufffe",
        summary="\x02resumo ]]>",
        body=[("paragraph", "<p>texto\x0c ]]> fim</p>")],
    )
    first = entries(client, kind)[0]
    assert first["title"].replace("&lt;", "<").replace("&amp;amp;", "&amp;") == "A <b>&amp;"
    assert "]]> fim" in first["html"].replace("&gt;", ">")


# Categories and languages ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_category_has_feeds_of_its_own(client, news_index, kind):
    category = NewsCategory.objects.get(slug="eventos")
    titles = [entry["title"] for entry in entries(client, kind, "/noticias/assunto/eventos/")]
    published = ArticlePage.objects.published().in_category(category).newest_first()
    assert titles == list(published.values_list("title", flat=True)[:20])
    assert "Eventos" in content(client, kind, "/noticias/assunto/eventos/")


@pytest.mark.parametrize(
    "path",
    ["assunto/nada/rss/", "assunto/eventos/xml/", "assunto/%00/rss/", "xml/", "assunto/rss/"],
)
def test_a_feed_that_does_not_exist_is_not_found(client, path):
    assert client.get(f"/noticias/{path}").status_code == 404


def test_a_listing_by_category_announces_the_feeds_of_the_category(client):
    def announced(address):
        page = BeautifulSoup(client.get(address).content, "html.parser")
        return {link["href"] for link in page.select("head link[rel=alternate][type]")}

    general = {f"/noticias/{kind}/" for kind in KINDS}
    assert announced("/noticias/") == general
    own = {f"/noticias/assunto/eventos/{kind}/" for kind in KINDS}
    assert announced("/noticias/?assunto=eventos") == general | own


@pytest.fixture
def english_news(home, news_index):
    english = Locale.objects.get_or_create(language_code="en")[0]
    publish(home.copy_for_translation(english))
    return publish(news_index.copy_for_translation(english), title="News", slug="news")


def test_each_language_has_feeds_of_its_own_with_ids_of_their_own(client, newest, english_news):
    publish(newest.copy_for_translation(english_news.locale), title="In English", slug="english")
    feed = json.loads(content(client, "json", "/en/news/"))
    assert [item["title"] for item in feed["items"]] == ["In English"]
    assert feed["language"] == "en"
    assert feed["items"][0]["url"] == "http://localhost/en/news/english/"
    portuguese = entries(client, "json")
    assert portuguese[0]["title"] == newest.title
    assert portuguese[0]["id"] != feed["items"][0]["id"]


# Asking again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_that_did_not_change_is_not_sent_again(client, kind):
    etag = get(client, kind).headers["ETag"]
    again = get(client, kind, if_none_match=etag)
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == etag
    assert get(client, kind, if_none_match='"outro"').status_code == 200


def test_head_is_answered_without_content(client):
    response = client.head("/noticias/rss/")
    assert response.status_code == 200
    assert response.content == b""
    assert response.headers["ETag"] == get(client, "rss").headers["ETag"]


@pytest.fixture
def linking_article(newest):
    """The newest article, with a link, a document, a picture and a video in its text."""
    page = StandardPageFactory(parent=newest.get_parent().get_parent(), title="Alvo", slug="alvo")
    document = get_document_model().objects.first()
    image = get_image_model().objects.exclude(pk=newest.cover_id).first()
    image_value = {"image": image.pk, "decorative": False, "alt_text": "A serra"}
    body = [
        {"type": "paragraph", "value": f'<p><a linktype="page" id="{page.pk}">alvo</a></p>'},
        {"type": "documents", "value": {"title": "", "items": [{"type": "item", "value": {
            "document": document.pk, "description": ""}}]}},
        {"type": "image", "value": {"image": image_value, "caption": "", "credit": ""}},
        {"type": "video", "value": VideoPage.objects.live().first().pk},
    ]  # fmt: skip
    # Another test may have deleted the files of the versions there are.
    newest.cover.renditions.all().delete()
    return publish(newest, body=json.dumps(body))


def _replace_file(image):
    image.file.save("outra.jpg", ContentFile(sample_file(1, size=(300, 200)).read()))
    image.save()


EDITS = {
    "title": lambda article: publish(article, title="Outro título"),
    "summary": lambda article: publish(article, summary="Outro resumo"),
    "text": lambda article: publish(article, body=[("paragraph", "<p>Outro texto</p>")]),
    "date": lambda article: publish(article, date=article.date + timedelta(minutes=1)),
    "slug": lambda article: publish(article, slug="outro"),
    "credits": lambda article: publish(article, credits="Outra pessoa"),
    "corrections": lambda article: publish(article, corrections="<p>Correção</p>"),
    "no cover": lambda article: publish(article, cover=None),
    "another category": lambda article: publish(article, category=None),
    "unpublished": lambda article: article.unpublish(),
    "deleted": lambda article: article.delete(),
    "private": lambda article: PageViewRestriction.objects.create(
        page=article, restriction_type="login"
    ),
    "saved without revision": lambda article: _save(article, title="Às escondidas"),
    "a new article": lambda article: ArticleFactory(parent=_parent(article)),
    "name of the category": lambda article: _save(article.category, name="Outro nome"),
    "words for the cover": lambda article: _save(article.cover, description="Outra descrição"),
    "credit of a picture": lambda article: _save_all(get_image_model(), credit="Outro crédito"),
    "name of a document": lambda article: _save_all(get_document_model(), title="Outro nome"),
    "title of a video": lambda article: _save(VideoPage.objects.live().first(), title="Outro"),
    "address of a page linked to": lambda article: _save(Page.objects.get(slug="alvo"), slug="b"),
    "name of the office": lambda article: _save(SiteIdentity.objects.get(), office="Outro órgão"),
    "title of the list": lambda article: publish(_parent(article), title="Novidades"),
    "address of the list": lambda article: publish(_parent(article), seo_title="Novidades"),
}


def _parent(article):
    return NewsIndexPage.objects.parent_of(article).get()


def _save(thing, **changes):
    for name, value in changes.items():
        setattr(thing, name, value)
    thing.save()


def _save_all(model, **changes):
    for thing in model.objects.all():
        _save(thing, **changes)


@pytest.mark.parametrize("edit", EDITS)
def test_whatever_an_editor_changes_in_a_feed_makes_it_be_sent_again(client, linking_article, edit):
    before = get(client, "rss")
    EDITS[edit](linking_article)
    after = get(client, "rss", if_none_match=before.headers["ETag"])
    assert after.status_code == 200
    assert after.content != before.content


def test_an_edit_outside_a_feed_leaves_it_as_it_is(client, news_index):
    etag = get(client, "rss").headers["ETag"]
    oldest = ArticlePage.objects.live().newest_first().last()
    publish(oldest, title="Outro título")
    StandardPageFactory(parent=news_index.get_parent(), title="Outra", slug="outra")
    NewsCategoryFactory(locale=Locale.get_default())
    assert get(client, "rss", if_none_match=etag).status_code == 304


# Cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["rss/", "atom/", "json/", "assunto/eventos/rss/"])
def test_a_feed_costs_the_same_queries_however_many_articles_and_blocks(
    client, news_index, linking_article, path
):
    def queries():
        client.get(f"/noticias/{path}")  # makes the versions of pictures, once
        for cache in caches.all():
            cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/noticias/{path}").status_code == 200
        return len(captured)

    def add(count):
        for _number in range(count):
            ArticleFactory(
                parent=NewsIndexPage.objects.get(pk=news_index.pk),
                body=linking_article.body,
                cover=linking_article.cover,
                category=NewsCategory.objects.get(slug="eventos"),
            )

    empty(news_index)
    add(1)
    few = queries()
    assert few <= 15
    add(20)
    add_many_articles(NewsIndexPage.objects.get(pk=news_index.pk), 300)
    assert queries() == few
