"""What a page says, read from the fields that its model declares for Wagtail's search."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import chain

from django.utils import timezone
from wagtail.models import Page
from wagtail.search import index

from . import words

#: Characters of a page that are read. A book has a million.
MAX_TEXT = 200_000


class Document:
    """A page as the index takes it."""

    def __init__(self, page_id, language, kind, moment, title, summary, text, marks=""):
        self.page_id: int = page_id
        self.language: str = language
        self.kind: str = kind
        self.moment: datetime = moment
        #: Words of ``SitePage.search_marks``, joined by spaces.
        self.marks: str = marks
        #: From the part that weighs most to the one that weighs least.
        self.parts = tuple(map(words.compose, (title, summary, text)))
        self._read = [list(words.words_of(part)) for part in self.parts]
        #: Folded words and how they are written, in the title and in all.
        self.title_words: dict[str, str] = dict(self._read[0])
        self.words: dict[str, str] = dict(chain.from_iterable(reversed(self._read)))

    @classmethod
    def of_page(cls, page: Page, language: str, marks: Iterable[str] = ()) -> "Document":
        """The document of a specific page."""
        title, summary, text = _texts(page)
        return cls(
            page.pk,
            language,
            page._meta.label_lower,
            moment_of(page),
            title,
            summary,
            text[:MAX_TEXT],
            " ".join(sorted(marks)),
        )

    @property
    def identity(self) -> tuple:
        """Equal for documents that would be indexed alike."""
        return (self.page_id, self.language, self.kind, self.moment, self.parts, self.marks)

    @property
    def year(self) -> int:
        return timezone.localtime(self.moment, timezone.get_default_timezone()).year

    def spoken(self, say) -> list[str]:
        """The words of each part in their order, as ``say(word, language)`` says them."""
        language = words.short(self.language)
        return [" ".join(say(word, language) for word, _ in part) for part in self._read]


def moment_of(page: Page) -> datetime:
    """The date a page bears or, without one, that of its first publication."""
    moment = (
        getattr(page, "date", None) or page.first_published_at or page.latest_revision_created_at
    )
    if isinstance(moment, datetime):
        return moment
    if isinstance(moment, date):
        return timezone.make_aware(
            datetime.combine(moment, time()), timezone.get_default_timezone()
        )
    return datetime(1970, 1, 1, 12, tzinfo=timezone.get_default_timezone())


def _texts(page: Page) -> tuple[str, str, str]:
    """Title, what the model says weighs more than the rest, and the rest."""
    title, summary, text = [], [], []
    for declared in page.get_search_fields():
        if isinstance(declared, index.RelatedFields):
            text.extend(_related(declared, page))
        elif isinstance(declared, index.SearchField):
            part = text
            if declared.field_name == "title":
                part = title
            elif (declared.boost or 1) > 1:
                part = summary
            part.extend(_plain(declared.get_value(page)))
    return tuple(" ".join(" ".join(part).split()) for part in (title, summary, text))


def _related(declared: index.RelatedFields, page: Page) -> Iterator[str]:
    value = declared.get_value(page)
    for related in value.all() if hasattr(value, "all") else [value] if value else []:
        for inner in declared.fields:
            if isinstance(inner, index.SearchField):
                yield from _plain(inner.get_value(related))


def _plain(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Iterable):
        for item in value:
            yield from _plain(item)
    elif value is not None:
        yield str(value)
