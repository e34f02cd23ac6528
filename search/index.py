"""The index of the pages open to all, kept in step with them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from types import ModuleType

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from wagtail.models import Locale, Page

from pages.models import SitePage
from pages.visibility import open_q

from . import postgresql, sqlite, vocabulary
from .documents import Document
from .models import Misspelling, SearchEntry, Word

#: Pages that are read and written at a time.
BATCH = 500


def engine() -> ModuleType:
    """How the database in use finds words."""
    return postgresql if connection.vendor == "postgresql" else sqlite


def open_pages() -> QuerySet[Page]:
    """Every page that belongs in the index, also those that an election withholds now."""
    return Page.objects.filter(open_q(), depth__gt=1)


def out_of_step() -> tuple[int, int]:
    """How many pages the index lacks, and how many it has that are not open to all."""
    indexed = SearchEntry.objects.filter(page_id=OuterRef("pk"))
    missing = open_pages().filter(~Exists(indexed)).count()
    left = SearchEntry.objects.exclude(page_id__in=open_pages().values("pk")).count()
    return missing, left


@transaction.atomic
def synchronise(pages: QuerySet[Page]) -> None:
    """Put in what is missing of ``pages``, and take out what is no longer open to all."""
    indexed = SearchEntry.objects.filter(page_id=OuterRef("pk"))
    is_open = open_pages().filter(pk=OuterRef("pk"))
    gone = pages.filter(Exists(indexed), ~Exists(is_open))
    missing = pages.filter(~Exists(indexed), Exists(is_open))
    for batch in _batches(gone):
        remove(batch)
    for batch in _batches(missing):
        update(batch)


@transaction.atomic
def update(page_ids: Iterable[int]) -> None:
    """Read pages anew as they are published; those that are not open to all are taken out."""
    page_ids = list(page_ids)
    documents = list(_documents(page_ids))
    engine().take_turn()
    old = list(SearchEntry.objects.filter(page_id__in=page_ids))
    before = {entry.page_id: _document(entry) for entry in old}
    changed = [
        document for document in documents if not _same(before.get(document.page_id), document)
    ]
    kept = {document.page_id for document in documents} - {each.page_id for each in changed}
    stale = [entry for entry in old if entry.page_id not in kept]
    if not changed and not stale:
        return
    _erase(stale)
    _write(changed, engine().write)
    vocabulary.learn(vocabulary.count(changed, [before[entry.page_id] for entry in stale]))


@transaction.atomic
def remove(page_ids: Iterable[int]) -> None:
    """Take pages out."""
    engine().take_turn()
    entries = list(SearchEntry.objects.filter(page_id__in=list(page_ids)))
    if entries:
        _erase(entries)
        vocabulary.learn(vocabulary.count([], [_document(entry) for entry in entries]))


@transaction.atomic
def rebuild(report: Callable[[int], None] = lambda done: None) -> int:
    """Make the whole index anew; returns how many pages it has."""
    engine().take_turn()
    for model in (Misspelling, Word, SearchEntry):
        model.objects.all()._raw_delete(model.objects.db)
    counts: dict[str, vocabulary.Counts] = {}
    done = 0
    with engine().renewed() as write:
        for batch in _batches(open_pages()):
            documents = list(_documents(batch))
            _write(documents, write)
            for document in documents:
                counts.setdefault(document.language, vocabulary.Counts()).add(document)
            done += len(documents)
            report(done)
        vocabulary.learn(counts)
    return done


def _batches(pages: QuerySet[Page]) -> Iterable[list[int]]:
    ids = list(pages.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _documents(page_ids: list[int]) -> Iterable[Document]:
    languages = dict(Locale.objects.values_list("pk", "language_code"))
    by_type: defaultdict[type[Page], list[Page]] = defaultdict(list)
    for page in open_pages().filter(pk__in=page_ids).specific():
        by_type[type(page)].append(page)
    for model, pages in by_type.items():
        marks = model.search_marks(pages) if issubclass(model, SitePage) else {}
        for page in pages:
            yield Document.of_page(page, languages[page.locale_id], marks.get(page.pk, ()))


def _document(entry: SearchEntry) -> Document:
    return Document(
        *(entry.page_id, entry.language, entry.kind, entry.moment),
        *(entry.title, entry.summary, entry.text, entry.marks),
    )


def _same(one: Document | None, other: Document) -> bool:
    return one is not None and one.identity == other.identity


def _write(documents: list[Document], write: Callable[[list[Document]], None]) -> None:
    SearchEntry.objects.bulk_create(
        SearchEntry(
            page_id=document.page_id,
            language=document.language,
            kind=document.kind,
            moment=document.moment,
            year=document.year,
            marks=document.marks,
            **dict(zip(("title", "summary", "text"), document.parts, strict=True)),
        )
        for document in documents
    )
    write(documents)


def _erase(entries: list[SearchEntry]) -> None:
    engine().erase(entries)
    SearchEntry.objects.filter(pk__in=[entry.pk for entry in entries])._raw_delete(
        SearchEntry.objects.db
    )
