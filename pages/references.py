"""What the texts of pages refer to, found together: a query for each kind, however many there are.

By itself Wagtail asks for what the links of a paragraph lead to when it draws that paragraph, so a
long text with many links would cost several queries a paragraph.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from html import escape, unescape
from typing import Any

from django.apps import apps
from django.db.models import Model, Q
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from wagtail.blocks import Block, ListBlock, PageChooserBlock, RichTextBlock, StreamBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents import get_document_model
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import RichTextField
from wagtail.images import get_image_model
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from .visibility import published_q

#: A link that Wagtail stores by what it leads to rather than by an address.
_LINK = re.compile(r"<a(\s[^>]*\blinktype\s*=[^>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")

#: What such a link may lead to.
LINKED_KINDS = ("page", "document")

#: What is at hand while the blocks of a body ask for what they hold.
_at_hand: ContextVar["References | None"] = ContextVar("references_at_hand", default=None)


def attributes(written: str) -> dict[str, str]:
    """The attributes of a tag, from what stands between its name and its end."""
    return {
        match[1]: unescape(match[2] if match[2] is not None else match[3])
        for match in _ATTRIBUTE.finditer(written)
    }


class References:
    """What texts in one language refer to.

    ``images``, ``documents``, ``videos`` and ``pages`` are found by id, once each, when first
    asked for. Videos and pages are those that an anonymous visitor may see.
    """

    def __init__(self, language_code: str):
        self.language_code = language_code
        self._ids: dict[str, set[int]] = {
            kind: set() for kind in ("image", "document", "video", "page")
        }
        self._translated: set = set()

    @classmethod
    def of(cls, pages: Sequence[Page], language_code: str) -> "References":
        """What the bodies and the other rich texts of ``pages`` refer to."""
        found = cls(language_code)
        for page in pages:
            body = getattr(page, "body", None)
            if body is not None:
                found.want_block(body.stream_block, body.raw_data)
            found.want_texts(page)
        return found

    # What is wanted ------------------------------------------------------------------------

    def want(self, kind: str, pk: Any) -> None:
        """Have the thing of a kind with that id found with the others."""
        if isinstance(pk, int):
            self._ids[kind].add(pk)

    def want_source(self, source: str | None) -> None:
        """Have what the links in a stored rich text lead to found."""
        for kind, pk in links_in(source or ""):
            self._ids[kind].add(pk)

    def want_texts(self, thing: Model) -> None:
        for name in rich_text_fields(thing):
            self.want_source(getattr(thing, name))

    def want_translations(self, page: Page) -> None:
        """Have the other languages of ``page`` found."""
        if page.pk:
            self._translated.add(page.translation_key)

    def want_block(self, block: Block, raw: Any) -> None:
        """Have what a block refers to found, by its value as it is stored."""
        if not raw:
            return
        if isinstance(block, StreamBlock):
            for part in raw:
                if child := block.child_blocks.get(part["type"]):
                    self.want_block(child, part["value"])
        elif isinstance(block, TypedTableBlock):
            kinds = [block.child_blocks.get(column["type"]) for column in raw["columns"]]
            for row in raw["rows"]:
                for child, value in zip(kinds, row["values"], strict=False):
                    if child:
                        self.want_block(child, value)
        elif isinstance(block, BaseStructBlock):
            if isinstance(raw, Mapping):
                for name, child in block.child_blocks.items():
                    self.want_block(child, raw.get(name))
        elif isinstance(block, ListBlock):
            for part in raw:
                is_wrapped = isinstance(part, Mapping) and part.get("type") == "item"
                self.want_block(block.child_block, part["value"] if is_wrapped else part)
        elif isinstance(block, RichTextBlock):
            self.want_source(raw if isinstance(raw, str) else raw.source)
        elif isinstance(block, ImageChooserBlock):
            self.want("image", raw)
        elif isinstance(block, DocumentChooserBlock):
            self.want("document", raw)
        elif isinstance(block, PageChooserBlock):
            is_video = block.target_model is apps.get_model("pages.VideoPage")
            self.want("video" if is_video else "page", raw)

    # What is found -------------------------------------------------------------------------

    @cached_property
    def images(self) -> dict[int, Model]:
        ids = self._ids["image"]
        return get_image_model().objects.in_bulk(ids) if ids else {}

    @cached_property
    def videos(self) -> dict[int, Page]:
        """Videos with all that a player draws."""
        ids = self._ids["video"]
        if not ids:
            return {}
        found = apps.get_model("pages.VideoPage").objects.published().for_player().in_bulk(ids)
        for video in found.values():
            self.want_texts(video)  # what their transcripts lead to
        return found

    @cached_property
    def documents(self) -> dict[int, Model]:
        _ = self.videos
        ids = self._ids["document"]
        return get_document_model().objects.in_bulk(ids) if ids else {}

    @cached_property
    def pages(self) -> dict[int, Page]:
        """Pages by the id under which a text knows them: in the texts' language, if there."""
        here = {}
        for page in self._public_pages:
            if page.locale.language_code == self.language_code:
                here[page.translation_key] = page
        return {page.pk: here.get(page.translation_key, page) for page in self._public_pages}

    def translations(self, page: Page) -> list[Page]:
        """``page`` in each language in which visitors may see it, itself included."""
        return [each for each in self._public_pages if each.translation_key == page.translation_key]

    @cached_property
    def _public_pages(self) -> list[Page]:
        _ = self.videos
        ids = self._ids["page"]
        if not ids and not self._translated:
            return []
        keys = self._translated
        if ids:
            wanted = Page.objects.filter(Q(pk__in=ids) | Q(translation_key__in=keys))
            keys = wanted.order_by().values("translation_key")
        return list(
            Page.objects.filter(published_q(), translation_key__in=keys)
            .select_related("locale")
            .order_by("locale_id")
        )

    @property
    def everything(self) -> list[Model]:
        """All that was found."""
        found = (self.images, self.videos, self.documents, self.pages)
        return [thing for things in found for thing in things.values()]

    # What is drawn -------------------------------------------------------------------------

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Let blocks that turn into values meanwhile take from here what they hold."""
        token = _at_hand.set(self)
        try:
            yield
        finally:
            _at_hand.reset(token)

    def address(self, kind: str, pk: str, request=None) -> str:
        """Where a link leads; empty when what it led to is not there for visitors."""
        if not pk.isdecimal():
            return ""
        if kind == "document":
            document = self.documents.get(int(pk))
            return document.url if document else ""
        page = self.pages.get(int(pk)) if kind == "page" else None
        return (page.get_url(request) or "") if page else ""

    def html(self, source: str, request=None) -> SafeString:
        """A stored rich text as it is drawn. A link that leads nowhere becomes plain text's."""

        def written_out(link: re.Match) -> str:
            found = attributes(link[1])
            kind = found.get("linktype", "")
            if kind not in LINKED_KINDS:
                return link[0]
            address = self.address(kind, found.get("id", ""), request)
            return f'<a href="{escape(address)}">' if address else "<a>"

        return mark_safe(expand_db_html(_LINK.sub(written_out, source)))


def links_in(source: str) -> Iterator[tuple[str, int]]:
    """The pages and documents that a stored rich text leads to, as kinds and ids."""
    for link in _LINK.finditer(source):
        found = attributes(link[1])
        kind, pk = found.get("linktype", ""), found.get("id", "")
        if kind in LINKED_KINDS and pk.isdecimal():
            yield kind, int(pk)


def rich_text_fields(thing: Model) -> list[str]:
    """The rich text fields of ``thing`` that were read."""
    deferred = thing.get_deferred_fields()
    return [
        field.name
        for field in thing._meta.fields
        if isinstance(field, RichTextField) and field.attname not in deferred
    ]


def taken_from_hand(kind: str, values: Iterable) -> list | None:
    """What is at hand of the things with these ids, in their order; None when nothing is.

    Copies: each use of an image has an alternative text of its own.
    """
    at_hand = _at_hand.get()
    if at_hand is None:
        return None
    things = getattr(at_hand, f"{kind}s")
    return [copy(things.get(pk)) for pk in values]
