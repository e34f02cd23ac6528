"""Which links a page, a menu or another thing has, read from what is stored, without drawing it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.text import Truncator, capfirst
from modelcluster.fields import ParentalKey
from modelcluster.models import get_all_child_relations
from wagtail.blocks import Block, ListBlock, PageChooserBlock, RichTextBlock, StreamBlock, URLBlock
from wagtail.blocks.struct_block import BaseStructBlock
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Page, Site

from pages.external_video import parse_external_video
from pages.models import Menu, SiteIdentity
from pages.references import attributes
from search.models import PromotedResult

from ..models import Link, LinkPlace, LinkUse

#: What is shown to visitors beside pages, and has links.
OTHER_THINGS = (Menu, SiteIdentity, PromotedResult)
#: Pages whose links are collected at a time.
BATCH_SIZE = 200
#: A program follows these, not a browser: nothing to check.
_NOT_ADDRESSES = frozenset({"mailto", "tel"})
_ANCHOR = re.compile(r"<a(\s[^>]*)>(.*?)</a>", re.DOTALL)
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.IGNORECASE)


@dataclass(frozen=True)
class FoundLink:
    kind: str
    text: str
    address: str = ""
    target: int | None = None

    @cached_property
    def digest(self) -> str:
        return Link.digest_of(self.kind, self.address, self.target)


class Collector:
    """Finds links. It asks once which hosts are the site's own."""

    @cached_property
    def own_hosts(self) -> set[str]:
        named = Site.objects.values_list("hostname", flat=True)
        return {*(host.lower() for host in named), urlsplit(settings.SITE_URL).hostname or ""}

    def links_of(self, thing: models.Model) -> list[FoundLink]:
        """All links of ``thing``, with those of what belongs to it (the entries of a menu)."""
        page = thing if isinstance(thing, Page) else None
        found = list(self._of_model(thing, page))
        for relation in get_all_child_relations(type(thing)):
            # Wagtail's own are comments, which no visitor sees.
            if relation.related_model.__module__.split(".")[0] != "wagtail":
                for child in getattr(thing, relation.get_accessor_name()).all():
                    found += self._of_model(child, page)
        return found

    def _of_model(self, thing: models.Model, page: Page | None) -> Iterator[FoundLink]:
        for field in thing._meta.fields:
            if field.model is Page or isinstance(field, ParentalKey):
                continue
            value = getattr(thing, field.attname)
            if not value:
                continue
            if isinstance(field, StreamField):
                yield from self._of_block(value.stream_block, value.raw_data, page)
            elif isinstance(field, RichTextField):
                yield from self._of_rich_text(value, page)
            elif isinstance(field, models.URLField) or field.name == "url":
                yield from self._of_address(value, _name_of(thing, field), page)
            elif _leads_to_page(field):
                yield FoundLink(Link.Kind.PAGE, _name_of(thing, field), target=value)

    def _of_block(self, block: Block, raw: Any, page: Page | None, text: str = ""):
        """The links in a block, by its value as it is stored. ``text`` is what names them."""
        if not raw:
            return
        if isinstance(block, StreamBlock):
            for part in raw:
                if child := block.child_blocks.get(part["type"]):
                    yield from self._of_block(child, part["value"], page)
        elif isinstance(block, TypedTableBlock):
            kinds = [block.child_blocks.get(column["type"]) for column in raw["columns"]]
            for row in raw["rows"]:
                for child, value in zip(kinds, row["values"], strict=False):
                    if child:
                        yield from self._of_block(child, value, page)
        elif isinstance(block, BaseStructBlock):
            if isinstance(raw, Mapping):
                for name, child in block.child_blocks.items():
                    yield from self._of_block(child, raw.get(name), page, raw.get("label") or "")
        elif isinstance(block, ListBlock):
            for part in raw:
                is_wrapped = isinstance(part, Mapping) and part.get("type") == "item"
                value = part["value"] if is_wrapped else part
                yield from self._of_block(block.child_block, value, page)
        elif isinstance(block, RichTextBlock):
            yield from self._of_rich_text(raw if isinstance(raw, str) else raw.source, page)
        elif isinstance(block, URLBlock):
            yield from self._of_address(raw, text or str(block.label), page)
        elif isinstance(raw, int) and (kind := _chosen_kind(block)):
            yield FoundLink(kind, text or str(block.label), target=raw)

    def _of_rich_text(self, source: str, page: Page | None) -> Iterator[FoundLink]:
        for written in _ANCHOR.finditer(source):
            found = attributes(written[1])
            text = " ".join(unescape(strip_tags(written[2])).split())
            kind, pk = found.get("linktype", ""), found.get("id", "")
            if kind in (Link.Kind.PAGE, Link.Kind.DOCUMENT):
                if pk.isdecimal():
                    yield FoundLink(kind, text, target=int(pk))
            elif "href" in found:
                yield from self._of_address(found["href"], text, page)

    def _of_address(self, written: str, text: str, page: Page | None) -> Iterator[FoundLink]:
        """The link that a written address is; none when only a mail or telephone program opens it.

        An address of this site's own becomes a path, whatever the scheme and host it was written
        with. A part of the same page is kept with the page, whose address may change.
        """
        address = written.strip()
        scheme = _SCHEME.match(address)
        if scheme and scheme[1].lower() in _NOT_ADDRESSES:
            return
        if video := parse_external_video(address):
            address = video.watch_url
        if address.startswith("#") and page:
            if len(address) > 1:
                yield FoundLink(Link.Kind.PATH, text, address, page.pk)
            return
        try:
            base = "" if scheme else (page and page.get_url()) or "/"
            parts = urlsplit(urljoin(base, address))
            host = (parts.hostname or "").lower()
        except ValueError:
            yield FoundLink(Link.Kind.EXTERNAL, text, address)
            return
        is_web = parts.scheme in ("", "http", "https")
        if is_web and (not parts.netloc or host in self.own_hosts):
            path = urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))
            yield FoundLink(Link.Kind.PATH, text, path)
        elif parts.netloc and is_web:
            # A server is not told of the fragment: addresses that differ by it are one.
            whole = parts._replace(scheme=parts.scheme or "https", fragment="")
            yield FoundLink(Link.Kind.EXTERNAL, text, urlunsplit(whole))
        else:
            yield FoundLink(Link.Kind.EXTERNAL, text, address)


def _name_of(thing: models.Model, field: models.Field) -> str:
    """What an editor knows a link by that has no text in a text: its own, or the field's name."""
    own = "" if isinstance(thing, Page) else getattr(thing, "label", "") or ""
    if not own and not isinstance(thing, Page):
        own = getattr(thing, "title", "") or ""
    return own or capfirst(str(field.verbose_name))


def _leads_to_page(field: models.Field) -> bool:
    """Whether a field is an editor's choice of a page, not what makes the thing what it is."""
    return (
        isinstance(field, models.ForeignKey)
        and not field.remote_field.parent_link
        and issubclass(field.related_model, Page)
    )


def _chosen_kind(block: Block) -> str:
    if isinstance(block, PageChooserBlock):
        return Link.Kind.PAGE
    if isinstance(block, DocumentChooserBlock):
        return Link.Kind.DOCUMENT
    return Link.Kind.IMAGE if isinstance(block, ImageChooserBlock) else ""


# What is stored ----------------------------------------------------------------------------


@transaction.atomic
def store(things: Sequence[models.Model], collector: Collector | None = None) -> list[int]:
    """Store the links of ``things`` in the place of those known; gives the keys of the links.

    ``things`` are all pages, or all of one other model. The number of queries does not depend on
    how many links there are, except for what belongs to each thing.
    """
    if not things:
        return []
    collector = collector or Collector()
    by_thing = {thing.pk: collector.links_of(thing) for thing in things}
    places = _places_of(things)
    wanted = {link.digest: link for links in by_thing.values() for link in links}
    Link.objects.bulk_create(
        [
            Link(kind=link.kind, address=link.address, target=link.target, digest=digest)
            for digest, link in wanted.items()
        ],
        ignore_conflicts=True,
        batch_size=BATCH_SIZE,
    )
    keys: dict[str, int] = {}
    for digests in _chunks(list(wanted)):
        keys.update(Link.objects.filter(digest__in=digests).values_list("digest", "pk"))
    LinkUse.objects.filter(place__in=places.values()).delete()
    LinkUse.objects.bulk_create(
        [
            LinkUse(
                place_id=places[pk],
                link_id=keys[link.digest],
                text=Truncator(link.text).chars(250),
            )
            for pk, links in by_thing.items()
            for link in dict.fromkeys(links)
        ],
        batch_size=BATCH_SIZE,
    )
    return list(keys.values())


def _places_of(things: Sequence[models.Model]) -> dict[int, int]:
    """The keys of the places of ``things``, by those of the things, which were read just now."""
    now = timezone.now()
    keys = [thing.pk for thing in things]
    if isinstance(things[0], Page):
        ours, name, known_by = Q(page__in=keys), "page_id", {}
    else:
        content_type = ContentType.objects.get_for_model(things[0])
        ours, name = Q(content_type=content_type, object_id__in=keys), "object_id"
        known_by = {"content_type": content_type}
    LinkPlace.objects.filter(ours).update(collected_at=now)
    LinkPlace.objects.bulk_create(
        [
            LinkPlace(
                **known_by,
                **{name: thing.pk},
                title="" if isinstance(thing, Page) else Truncator(str(thing)).chars(250),
                collected_at=now,
            )
            for thing in things
        ],
        ignore_conflicts=True,
    )
    return dict(LinkPlace.objects.filter(ours).values_list(name, "pk"))


def _chunks(values: Sequence, size: int = 500) -> Iterator[Sequence]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def collect_all(everything: bool = False, report=lambda count: None) -> int:
    """Bring what is known of links up to date; gives how many pages were read.

    Signals keep it so for what editors do; this finds what programs did past them: pages that
    were never read, and those published after they were. ``everything`` reads all again, as is
    needed when a block or a page type gets a new kind of link.
    """
    forget_what_is_gone()
    collector = Collector()
    for model in OTHER_THINGS:
        store(list(model._default_manager.all()), collector)
    pages = Page.objects.filter(live=True, alias_of__isnull=True)
    if not everything:
        pages = pages.filter(
            Q(link_place__isnull=True) | Q(last_published_at__gt=F("link_place__collected_at"))
        )
    by_type: dict[int, list[int]] = {}
    for pk, kind in pages.order_by("pk").values_list("pk", "content_type_id").iterator():
        by_type.setdefault(kind, []).append(pk)
    count = 0
    for kind, keys in by_type.items():
        model = ContentType.objects.get_for_id(kind).model_class()
        if model is None:
            continue
        for chunk in _chunks(keys, BATCH_SIZE):
            store(list(model._default_manager.filter(pk__in=chunk)), collector)
            count += len(chunk)
            report(count)
    return count


def forget_what_is_gone() -> None:
    """Forget the links of what visitors no longer see, and links that nothing has any more."""
    LinkPlace.objects.filter(Q(page__live=False) | Q(page__alias_of__isnull=False)).delete()
    for model in OTHER_THINGS:
        places = LinkPlace.objects.filter(content_type=ContentType.objects.get_for_model(model))
        places.exclude(object_id__in=model._default_manager.values("pk")).delete()
    Link.objects.filter(uses__isnull=True).delete()


def forget(pages: Iterable[int]) -> None:
    LinkPlace.objects.filter(page__in=pages).delete()
