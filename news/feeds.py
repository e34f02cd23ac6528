"""RSS 2.0 (https://www.rssboard.org/rss-specification), Atom (RFC 4287) and JSON Feed 1.1
(https://www.jsonfeed.org/version/1.1/) feeds of the news, with the whole text of each article.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from django.db.models import Model
from django.http import HttpResponse
from django.utils import feedgenerator, timezone
from django.utils.cache import get_conditional_response
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from wagtail.fields import StreamField

from pages.languages import html_language
from pages.markup import xml_text
from pages.models import SiteIdentity
from pages.picture import SHARING_SPEC
from pages.standalone import StandaloneTexts

#: Articles in a feed.
FEED_SIZE = 20
#: Raise it when what feeds say of an article changes: readers then fetch them anew.
REVISION = 1


@dataclass(frozen=True)
class FeedLink:
    title: str
    #: The kind of feed, as readers know it: ``"RSS"``.
    label: str
    url: str
    type: str


@dataclass(frozen=True)
class Picture:
    url: str
    width: int
    height: int
    #: Bytes of the file.
    length: int
    alt: str

    type = "image/jpeg"


@dataclass(frozen=True)
class Entry:
    """An article as every format tells it."""

    id: str
    title: str
    url: str
    summary: str
    html: str
    author: str
    published: datetime
    updated: datetime
    categories: list[str]
    picture: Picture | None


class NewsFeed:
    """The newest articles that a ``NewsFilter`` chooses of a news index, in its language."""

    def __init__(self, index, chosen):
        self.index = index
        self.chosen = chosen
        self.category = chosen.category
        self.articles = index.listing(chosen).whole()[:FEED_SIZE]

    @cached_property
    def identity(self) -> SiteIdentity | None:
        return SiteIdentity.objects.for_language(self.index.language_code).first()

    @cached_property
    def _texts(self) -> StandaloneTexts:
        return StandaloneTexts(self.articles, self.index.language_code, self.identity)

    @property
    def etag(self) -> str:
        """Differs whenever anything that the feed says differs; nothing is drawn to know it."""
        things = [self.index, self.identity, self.category, *self.articles]
        for article in self.articles:
            things += [article.category, article.cover]
        state = [
            REVISION,
            self.url,
            *_state_of(filter(None, [*things, *self._texts.references.everything])),
        ]
        return f'"{hashlib.blake2b(repr(state).encode(), digest_size=16).hexdigest()}"'

    @property
    def language(self) -> str:
        return html_language(self.index.language_code)

    @property
    def title(self) -> str:
        title = self.index.seo_title or self.index.title
        return xml_text(f"{title}: {self.category}" if self.category else title)

    @property
    def url(self) -> str:
        """The listing that the feed follows."""
        return self.index.full_url + self.chosen.address

    @property
    def description(self) -> str:
        return xml_text(self.index.meta_description or self.index.title)

    @property
    def publisher(self) -> str:
        identity = self.identity
        return xml_text((identity.office or identity.name) if identity else self.index.title)

    @property
    def updated(self) -> datetime:
        moments = [article.updated_at for article in self.articles]
        return max(moments, default=self.index.last_published_at or timezone.now())

    def entries(self) -> list[Entry]:
        self._texts.prepare_pictures((article.cover, SHARING_SPEC) for article in self.articles)
        return [
            Entry(
                id=article.permanent_id.urn,
                title=xml_text(article.title),
                url=article.full_url,
                summary=xml_text(article.summary),
                html=self._html(article),
                author=xml_text(article.credits) or self.publisher,
                published=timezone.localtime(article.date),
                updated=timezone.localtime(article.updated_at),
                categories=[xml_text(article.category.name)] if article.category else [],
                picture=_picture(article),
            )
            for article in self.articles
        ]

    def _html(self, article) -> str:
        html = self._texts.body_html(article)
        if article.corrections:
            heading = format_html("<h2>{}</h2>", gettext("Correções"))
            corrections = self._texts.rich_text_html(article, "corrections")
            html = f"{html}\n{heading}\n{corrections}"
        return html


def _state_of(things: Iterable[Model]):
    """All that is stored of each of ``things`` and was read."""
    for thing in things:
        values = []
        for field in thing._meta.concrete_fields:
            if isinstance(field, StreamField) and field.attname in thing.__dict__:
                values.append(field.value_to_string(thing))
            else:
                values.append(str(thing.__dict__.get(field.attname)))
        yield thing._meta.label, values


def _picture(article) -> Picture | None:
    if not article.cover:
        return None
    rendition = article.cover.version(SHARING_SPEC)
    if rendition is None or rendition.size is None:
        # A feed without it is better than none.
        return None
    return Picture(
        urljoin(article.full_url, rendition.url),
        rendition.width,
        rendition.height,
        rendition.size,
        xml_text(article.cover.default_alt_text),
    )


# RSS and Atom ---------------------------------------------------------------------------------


class RssFeed(feedgenerator.Rss201rev2Feed):
    def rss_attributes(self):
        return {
            **super().rss_attributes(),
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            "xmlns:media": "http://search.yahoo.com/mrss/",
        }

    def latest_post_date(self):
        return self.feed["updated"]

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        handler.addQuickElement("dc:publisher", self.feed["author_name"])

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        entry = item["entry"]
        handler.addQuickElement("atom:updated", feedgenerator.rfc3339_date(entry.updated))
        handler.addQuickElement("content:encoded", entry.html)
        if entry.picture:
            picture = entry.picture
            attributes = {
                "url": picture.url,
                "type": picture.type,
                "medium": "image",
                "fileSize": str(picture.length),
                "width": str(picture.width),
                "height": str(picture.height),
            }
            handler.startElement("media:content", attributes)
            if picture.alt:
                handler.addQuickElement("media:description", picture.alt, {"type": "plain"})
            handler.endElement("media:content")


class AtomFeed(feedgenerator.Atom1Feed):
    def latest_post_date(self):
        return self.feed["updated"]

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["entry"].html, {"type": "html"})


def _as_xml(feed: NewsFeed, url: str, kind: type[feedgenerator.SyndicationFeed]) -> str:
    written = kind(
        title=feed.title,
        link=feed.url,
        description=feed.description,
        subtitle=feed.description,
        language=feed.language,
        author_name=feed.publisher,
        feed_url=url,
        # Names the feed for good; its address follows the index's slug.
        feed_guid=feed.index.permanent_id.urn if not feed.category else url,
        updated=timezone.localtime(feed.updated),
    )
    for entry in feed.entries():
        picture = entry.picture
        written.add_item(
            title=entry.title,
            link=entry.url,
            description=entry.summary,
            author_name=entry.author,
            pubdate=entry.published,
            updateddate=entry.updated,
            unique_id=entry.id,
            unique_id_is_permalink=False,
            categories=entry.categories,
            enclosures=[feedgenerator.Enclosure(picture.url, str(picture.length), picture.type)]
            if picture
            else (),
            entry=entry,
        )
    return written.writeString("utf-8")


# JSON -----------------------------------------------------------------------------------------


def _as_json(feed: NewsFeed, url: str) -> str:
    items = []
    for entry in feed.entries():
        item = {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "summary": entry.summary,
            "content_html": entry.html,
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": [{"name": entry.author}],
            "tags": entry.categories,
            "language": feed.language,
        }
        if entry.picture:
            item["image"] = entry.picture.url
        items.append(item)
    written = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.url,
        "feed_url": url,
        "description": feed.description,
        "language": feed.language,
        "authors": [{"name": feed.publisher}],
        "items": items,
    }
    return json.dumps(written, ensure_ascii=False)


# Formats --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FeedFormat:
    #: The end of the feed's address.
    name: str
    #: As readers know it.
    label: str
    type: str
    write: Callable[[NewsFeed, str], str]


FEEDS = {
    feed_format.name: feed_format
    for feed_format in (
        FeedFormat(
            "rss", "RSS", "application/rss+xml", lambda feed, url: _as_xml(feed, url, RssFeed)
        ),
        FeedFormat(
            "atom", "Atom", "application/atom+xml", lambda feed, url: _as_xml(feed, url, AtomFeed)
        ),
        FeedFormat("json", "JSON Feed", "application/feed+json", _as_json),
    )
}


def feed_path(name: str, category=None) -> str:
    """What follows the address of the index."""
    return f"assunto/{category.slug}/{name}/" if category else f"{name}/"


def feed_links(index, category=None) -> list[FeedLink]:
    title = f"{index.title}: {category}" if category else index.title
    return [
        FeedLink(
            f"{title} ({each.label})", each.label, index.url + feed_path(name, category), each.type
        )
        for name, each in FEEDS.items()
    ]


def feed_response(request, index, name: str, chosen) -> HttpResponse:
    feed, feed_format = NewsFeed(index, chosen), FEEDS[name]
    etag = feed.etag
    response = get_conditional_response(request, etag=etag)
    if response is None:
        url = index.full_url + feed_path(name, chosen.category)
        response = HttpResponse(
            feed_format.write(feed, url), content_type=f"{feed_format.type}; charset=utf-8"
        )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=60"
    # Readers of feeds on the web fetch them from where they are.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
