"""Sitemaps for search engines (https://www.sitemaps.org/protocol.html), in sections.

Each app says which sections it has; the project wires them (``jundiai_global/urls.py``). With
Google's extensions for pictures and recent news, and translations as links of XHTML.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from django.core.files.storage import default_storage
from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from wagtail.images import get_image_model
from wagtail.models import Page, get_page_models

from .languages import html_language
from .markup import xml_text
from .picture import SHARING_SPEC
from .visibility import published_q

#: What the protocol allows in one file.
MAX_URLS = 50_000
MAX_BYTES = 50 * 1024 * 1024

_NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Alternate:
    """A translation of a page, itself included."""

    language: str
    url: str


@dataclass(frozen=True)
class RecentNews:
    """What Google News asks of an article (its sitemap extension 0.9)."""

    publication: str
    #: As ISO 639 writes it, ``pt``.
    language: str
    published: datetime
    title: str


@dataclass(frozen=True)
class Entry:
    url: str
    changed_at: datetime | None = None
    image_url: str = ""
    alternates: tuple[Alternate, ...] = ()
    news: RecentNews | None = None


@dataclass(frozen=True)
class Section:
    """A file of the sitemap: ``/sitemap-<name>.xml``."""

    name: str
    entries: Callable[[], Iterable[Entry]]
    #: When one of its pages last changed, where that is known.
    changed_at: datetime | None = None


#: Finds the sections of an app.
Source = Callable[[], Iterable[Section]]


# Writing --------------------------------------------------------------------------------------


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(xml_text(text))}</{name}>"


def _moment(moment: datetime | None) -> str:
    """``moment`` in W3C's form; nothing for one that is not known, or still to come."""
    if moment is None or moment > timezone.now():
        return ""
    return _element("lastmod", timezone.localtime(moment).isoformat(timespec="seconds"))


def _written(entry: Entry) -> str:
    parts = [_element("loc", entry.url), _moment(entry.changed_at)]
    if news := entry.news:
        parts += [
            "<news:news><news:publication>",
            _element("news:name", news.publication),
            _element("news:language", news.language),
            "</news:publication>",
            _element("news:publication_date", timezone.localtime(news.published).isoformat()),
            _element("news:title", news.title),
            "</news:news>",
        ]
    if entry.image_url:
        parts += ["<image:image>", _element("image:loc", entry.image_url), "</image:image>"]
    for alternate in entry.alternates:
        href = escape(alternate.url, {'"': "&quot;"})
        parts.append(f'<xhtml:link rel="alternate" hreflang="{alternate.language}" href="{href}"/>')
    return f"<url>{''.join(parts)}</url>\n"


def _urlset(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The file of ``entries``, cut where the protocol's limits would be passed."""
    start, end = f"{_HEAD}<urlset {_NAMESPACES}>\n".encode(), b"</urlset>\n"
    yield start
    size = len(start) + len(end)
    for entry in islice(entries, MAX_URLS):
        written = _written(entry).encode()
        size += len(written)
        if size > MAX_BYTES:
            break
        yield written
    yield end


# Views ----------------------------------------------------------------------------------------


def _xml(content: bytes | str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/xml; charset=utf-8")
    # The files are for search engines to read, not to show.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def sitemap_index(request, sources: Iterable[Source]):
    # One address tells those of all sections: there may be many.
    first, last = request.build_absolute_uri(reverse("sitemap_section", args=["section"])).rsplit(
        "section", 1
    )
    parts = [_HEAD, '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n']
    for source in sources:
        for section in source():
            address = f"{first}{section.name}{last}"
            parts.append(
                f"<sitemap>{_element('loc', address)}{_moment(section.changed_at)}</sitemap>\n"
            )
    parts.append("</sitemapindex>\n")
    return _xml("".join(parts))


@require_safe
def sitemap_section(request, name: str, sources: Iterable[Source]):
    for source in sources:
        for section in source():
            if section.name == name:
                return _xml(b"".join(_urlset(section.entries())))
    raise Http404


# The pages ------------------------------------------------------------------------------------


def picture_file(image: str):
    """The file of the picture in the foreign key ``image``, as an expression.

    That which social networks are shown, or the original until that one is made: it is made when
    the page is published, not here, for a thousand pages at once.
    """
    renditions = get_image_model().get_rendition_model().objects
    made = renditions.filter(image=OuterRef(f"{image}_id"), filter_spec=SHARING_SPEC)
    return Coalesce(Subquery(made.values("file")[:1]), F(f"{image}__file"))


def picture_url(file: str | None, base: str) -> str:
    return urljoin(base, default_storage.url(file)) if file else ""


def page_sections() -> Iterator[Section]:
    """All published pages, except those of types that come in great numbers."""
    changed_at = _pages().aggregate(Max("last_published_at"))["last_published_at__max"]
    yield Section("paginas", _page_entries, changed_at)


def _listed_types() -> list[type[Page]]:
    return [model for model in get_page_models() if getattr(model, "listed_in_site_map", True)]


def _pages():
    # By the types wanted, not by those unwanted: the database then finds them by an index.
    return Page.objects.filter(published_q(), depth__gt=1).exact_type(*_listed_types())


def _page_entries() -> Iterator[Entry]:
    pages = list(_pages().select_related("locale").order_by("path")[:MAX_URLS])
    translations = defaultdict(list)
    for page in pages:
        language = html_language(page.locale.language_code)
        translations[page.translation_key].append(Alternate(language, page.full_url))
    images = _lead_images()
    for page in pages:
        alternates = tuple(translations[page.translation_key])
        yield Entry(
            page.full_url,
            page.last_published_at,
            picture_url(images.get(page.pk), page.full_url),
            alternates if len(alternates) > 1 else (),
        )


def _lead_images() -> dict[int, str]:
    """The file of the picture that stands for each page that has one: a query for each type."""
    found: dict[int, str] = {}
    for model in _listed_types():
        if image := getattr(model, "lead_image_field", ""):
            with_image = model.objects.filter(**{f"{image}__isnull": False})
            found |= with_image.annotate(picture=picture_file(image)).values_list("pk", "picture")
    return found
