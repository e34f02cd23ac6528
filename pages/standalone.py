"""Bodies as HTML that stands alone, for those who read them elsewhere: feeds, open data.

No ids, classes or scripts; whole addresses; one version of each picture; videos as links. The
bodies of many pages cost the queries of one, because they are read as if they were one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from urllib.parse import urljoin

from django.db.models import Model, Q
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.html import escape
from wagtail.blocks import StreamValue
from wagtail.blocks.list_block import ListValue
from wagtail.contrib.typed_table_block.blocks import TypedTable
from wagtail.documents import get_document_model
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.rich_text import RichText

from .blocks import prepare
from .markup import xml_text
from .picture import prefetch_renditions

#: The one version in which a picture is shown.
PICTURE_SPEC = "width-720|format-jpeg"

_TAG = re.compile(r"<([a-z][a-z0-9]*)(\s[^>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_BLANK_LINES = re.compile(r"\s*\n\s*")
_KEPT = {"alt", "height", "href", "lang", "scope", "src", "width"}


class StandaloneTexts:
    """What ``pages`` of one language say, and all that they refer to, found together."""

    def __init__(self, pages: Sequence[Page], language_code: str, identity=None):
        self.pages = pages
        self.language_code = language_code
        self.identity = identity

    @cached_property
    def _all(self) -> tuple[StreamValue | None, dict[int, slice]]:
        """The bodies as one, and where in it is that of each page."""
        raw: list = []
        places = {}
        stream_block = None
        for page in self.pages:
            body = getattr(page, "body", None)
            if body is not None:
                start = len(raw)
                raw.extend(body.raw_data)
                places[page.pk] = slice(start, len(raw))
                stream_block = body.stream_block
        return (StreamValue(stream_block, raw, is_lazy=True) if stream_block else None), places

    @cached_property
    def images(self) -> list:
        """The pictures in the bodies."""
        body, _places = self._all
        return [image for image in prepare(body) if image]

    @cached_property
    def references(self) -> list[Model]:
        """All that the texts show or lead to: images, documents, videos, pages."""
        body, _places = self._all
        found = [*self.images, *_models_in(part.value for part in body or ())]
        return [*found, *self._linked["page"].values(), *self._linked["document"].values()]

    @cached_property
    def _linked(self) -> dict[str, dict[int, Model]]:
        """What the links in the texts lead to, by kind and id; pages in the texts' language."""
        body, _places = self._all
        values = [part.value for part in body or ()]
        sources = [*_sources_in(values)]
        for thing in (*self.pages, *_models_in(values)):
            sources += [getattr(thing, name) for name in _rich_text_fields(thing)]
        ids: dict[str, set[int]] = {"page": set(), "document": set()}
        for source in sources:
            for tag in _TAG.finditer(source):
                attributes = _attributes(tag[2])
                kind, pk = attributes.get("linktype", ""), attributes.get("id", "")
                if kind in ids and pk.isdecimal():
                    ids[kind].add(int(pk))
        documents = get_document_model().objects
        return {
            "page": self._pages_by_id(ids["page"]),
            "document": documents.in_bulk(ids["document"]) if ids["document"] else {},
        }

    def _pages_by_id(self, ids: set[int]) -> dict[int, Page]:
        if not ids:
            return {}
        keys = Page.objects.filter(pk__in=ids).values("translation_key")
        same = Q(translation_key__in=keys, locale__language_code=self.language_code)
        pages = list(Page.objects.filter(Q(pk__in=ids) | same, live=True).select_related("locale"))
        here = {
            page.translation_key: page
            for page in pages
            if page.locale.language_code == self.language_code
        }
        return {page.pk: here.get(page.translation_key, page) for page in pages}

    def prepare_pictures(self, others: Iterable = (), *specs: str) -> None:
        """Find the versions of all pictures, and of ``others`` in ``specs`` too, in one query."""
        prefetch_renditions([*self.images, *others], PICTURE_SPEC, *specs)

    def body_html(self, page: Page) -> str:
        """The body of ``page``."""
        body, places = self._all
        if body is None or page.pk not in places:
            return ""
        shown = [
            render_to_string(
                f"standalone/{part.block_type}.html",
                {"value": part.value, "identity": self.identity},
            ).strip()
            for part in list(body)[places[page.pk]]
        ]
        return self._finished(page, "\n".join(filter(None, shown)))

    def rich_text_html(self, page: Page, field_name: str) -> str:
        """A rich text field of ``page``."""
        return self._finished(page, getattr(page, field_name))

    def _finished(self, page: Page, html: str) -> str:
        """``html`` with its links written out and nothing in its tags that serves this site."""
        base = page.full_url or ""

        def rewritten(tag: re.Match) -> str:
            attributes = _attributes(tag[2])
            if kind := attributes.get("linktype"):
                attributes = {"href": self._address(kind, attributes.get("id", ""))}
            kept = {name: value for name, value in attributes.items() if name in _KEPT}
            for name in ("href", "src"):
                if name in kept:
                    kept[name] = urljoin(base, kept[name]) if kept[name] else ""
            if not kept.get("href", "#"):
                del kept["href"]
            written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
            return f"<{tag[1]}{written}>"

        return xml_text(_BLANK_LINES.sub("\n", _TAG.sub(rewritten, html)))

    def _address(self, kind: str, pk: str) -> str:
        thing = self._linked.get(kind, {}).get(int(pk)) if pk.isdecimal() else None
        return (thing.url or "") if thing else ""


def _attributes(written: str) -> dict[str, str]:
    return {
        match[1]: unescape(match[2] if match[2] is not None else match[3])
        for match in _ATTRIBUTE.finditer(written)
    }


def _rich_text_fields(thing: Model) -> list[str]:
    deferred = thing.get_deferred_fields()
    return [
        field.name
        for field in thing._meta.fields
        if isinstance(field, RichTextField) and field.attname not in deferred
    ]


def _values_in(values: Iterable) -> Iterator:
    """Every value in ``values``, however deep."""
    for value in values:
        if isinstance(value, Mapping):
            yield from _values_in(value.values())
        elif isinstance(value, ListValue):
            yield from _values_in(value)
        elif isinstance(value, TypedTable):
            yield from _values_in(cell.value for row in value.rows for cell in row)
        else:
            yield value


def _models_in(values: Iterable) -> Iterator[Model]:
    return (value for value in _values_in(values) if isinstance(value, Model))


def _sources_in(values: Iterable) -> Iterator[str]:
    return (value.source for value in _values_in(values) if isinstance(value, RichText))
