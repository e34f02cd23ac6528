"""Puts sample articles in by the thousand, and takes them out as fast.

They go straight into the tables. What Wagtail would do besides, for each of them, is done once for
all: the counts of the archive and the search. They have no revisions until an editor saves them,
and Wagtail's index of references does not know them; ``rebuild_references_index`` would tell it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import uuid4

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.models import CASCADE, Exists, F, OuterRef, QuerySet
from django.utils.text import slugify
from wagtail.blocks import StreamValue
from wagtail.models import Page, ReferenceIndex
from wagtail.search.backends import get_search_backend
from wagtail.search.models import IndexEntry

from news.models import ArchiveMonth, ArticlePage, NewsIndexPage

from .corpus import SampleArticle

#: Rows written or deleted at a time.
BATCH_SIZE = 1000
#: Of so many articles that follow one another, one has something of the library in its text.
ILLUSTRATED = 10


def _batches(things: Iterable, size: int = BATCH_SIZE) -> Iterator[list]:
    things = iter(things)
    while batch := list(islice(things, size)):
        yield batch


@dataclass(frozen=True)
class Library:
    """What articles are filed under and illustrated with."""

    categories: list
    goals: list
    covers: list
    documents: list
    videos: list

    def parts(self, number: int) -> list[dict]:
        """Parts of a text, as a body is stored: a picture, a document, a video and a link."""
        found: list[tuple] = []
        if self.covers:
            image = self.covers[number % len(self.covers)]
            shown = {"image": image.pk, "decorative": False, "alt_text": "Imagem de amostra"}
            value = {"image": shown, "caption": "<p>Imagem de amostra.</p>", "credit": ""}
            found.append(("image", value))
        if self.documents:
            document = {"document": self.documents[0].pk, "description": ""}
            found.append(("documents", {"title": "Documentos de amostra", "items": [document]}))
        if self.videos:
            found.append(("video", self.videos[0].pk))
        if self.goals:
            goal = self.goals[number % len(self.goals)]
            link = f'<a linktype="page" id="{goal.pk}">{goal.title}</a>'
            found.append(("paragraph", f"<p>Link de amostra: {link}.</p>"))
        return [{"type": name, "value": value, "id": str(uuid4())} for name, value in found]


class Newsroom:
    """A news index to which many articles are added."""

    def __init__(self, index: NewsIndexPage, prefix: str, library: Library):
        self.index = index
        self.prefix = prefix
        self.library = library
        self.added: list[int] = []

    def add(self, samples: Iterable[SampleArticle]) -> None:
        kind = ContentType.objects.get_for_model(ArticlePage)
        last = self.index.get_children().order_by("-path").first()
        number = Page._str2int(last.path[-Page.steplen :]) if last else 0
        before = len(self.added)
        for batch in _batches(samples):
            pages = Page.objects.bulk_create(
                self._page(sample, place, kind)
                for place, sample in enumerate(batch, start=number + 1)
            )
            self._insert(
                self._article(page, sample, place)
                for place, (page, sample) in enumerate(
                    zip(pages, batch, strict=True), start=number + 1
                )
            )
            link = ArticlePage.goals.through
            link.objects.bulk_create(
                link(articlepage_id=page.pk, goalpage_id=self.library.goals[goal].pk)
                for page, sample in zip(pages, batch, strict=True)
                for goal in sample.goals
            )
            number += len(batch)
            self.added += [page.pk for page in pages]
        _recount(self.index, len(self.added) - before)

    def make_known(self) -> None:
        """Tell of the articles the search of the site and the planner of the queries.

        The admin's search learns of them by ``update_index``, where the site has its own.
        """
        if not _rebuild_search():
            backend = get_search_backend()
            for pks in _batches(self.added):
                backend.add_bulk(ArticlePage, list(ArticlePage.objects.filter(pk__in=pks)))
        _analyze()

    def _page(self, sample: SampleArticle, number: int, kind: ContentType) -> Page:
        # The number keeps apart titles that begin alike.
        slug = f"{self.prefix}{slugify(sample.title.removeprefix('Amostra: '))[:60]}-{number}"
        return Page(
            path=Page._get_path(self.index.path, self.index.depth + 1, number),
            depth=self.index.depth + 1,
            title=sample.title,
            draft_title=sample.title,
            slug=slug,
            url_path=f"{self.index.url_path}{slug}/",
            locale_id=self.index.locale_id,
            content_type=kind,
            live=True,
            first_published_at=sample.moment,
            last_published_at=sample.moment,
            latest_revision_created_at=sample.moment,
        )

    def _article(self, page: Page, sample: SampleArticle, number: int) -> ArticlePage:
        category, cover = sample.category, sample.cover
        illustrated = [] if number % ILLUSTRATED else self.library.parts(number)
        return ArticlePage(
            page_ptr_id=page.pk,
            summary=sample.summary,
            date=sample.moment,
            category=None if category is None else self.library.categories[category],
            cover=None if cover is None else self.library.covers[cover],
            cover_caption="" if cover is None else "Imagem de amostra",
            credits="Texto de amostra",
            body=StreamValue(
                ArticlePage.body.field.stream_block, [*sample.body, *illustrated], is_lazy=True
            ),
        )

    @staticmethod
    def _insert(articles: Iterable[ArticlePage]):
        """What ``bulk_create`` would do, which refuses models that inherit from another's table."""
        fields = ArticlePage._meta.local_concrete_fields
        rows = list(articles)
        size = connection.ops.bulk_batch_size(fields, rows)
        for batch in _batches(rows, size):
            QuerySet(ArticlePage)._insert(batch, fields=fields, using=connection.alias)


def _rebuild_search() -> bool:
    """Let the site's own search read everything again, if it has one."""
    if not apps.is_installed("search"):
        return False
    call_command("rebuild_search", verbosity=0)
    return True


def _analyze() -> None:
    """Let PostgreSQL look at what changed so much, before its own daemon finds the time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _recount(index: NewsIndexPage, added: int):
    NewsIndexPage.objects.filter(pk=index.pk).update(numchild=F("numchild") + added)
    ArchiveMonth.objects.recount(index)


# Removal --------------------------------------------------------------------------------------


def remove_untouched(articles: QuerySet) -> int:
    """Remove those of ``articles`` that were never revised and that nothing refers to."""
    untouched = articles.filter(latest_revision__isnull=True)
    belonging = []
    for relation in ArticlePage._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete) or relation.many_to_many:
            continue
        source = relation.related_model
        if relation.one_to_one and issubclass(source, Page):
            continue
        if relation.one_to_one or source._meta.auto_created:
            # What belongs to what belongs to an article goes first.
            belonging += [
                (part.related_model, f"{part.field.name}__{relation.field.name}")
                for part in source._meta.related_objects
                if part.on_delete is CASCADE
            ]
            belonging.append((source, relation.field.name))
        else:
            referring = source._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            untouched = untouched.exclude(Exists(referring))
    paths = dict(untouched.order_by().values_list("pk", "path"))
    for pks in _batches(paths):
        _delete(pks, belonging)
    for index in NewsIndexPage.objects.all():
        if removed := sum(path.startswith(index.path) for path in paths.values()):
            _recount(index, -removed)
    if paths:
        _rebuild_search()
        _analyze()
    return len(paths)


def _delete(pks: list[int], belonging: list[tuple]):
    names = [str(pk) for pk in pks]
    article = ContentType.objects.get_for_model(ArticlePage)
    rows = [
        *(QuerySet(source).filter(**{f"{field}__in": pks}) for source, field in belonging),
        QuerySet(IndexEntry).filter(content_type=article, object_id__in=names),
        QuerySet(ReferenceIndex).filter(content_type=article, object_id__in=names),
        QuerySet(ArticlePage).filter(pk__in=pks),
        QuerySet(Page).filter(pk__in=pks),
    ]
    for each in rows:
        each._raw_delete(connection.alias)
