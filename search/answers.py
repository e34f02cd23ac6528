"""What the site answers to a question: pages, ranked, and ways on where there are none."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce

from django.utils import timezone
from django.utils.safestring import SafeString

from pages.in_force import current_election
from pages.visibility import published_q

from . import vocabulary, words
from .excerpts import Marker
from .index import engine
from .kinds import Kind, kind_of
from .models import PromotedResult, SearchEntry
from .question import MOST, Question
from .vocabulary import Frequency
from .words import Term

#: How much more a page of today is worth than one of long ago, and in how many days half of it.
RECENCY = 0.6
HALF_LIFE = 365


@dataclass(frozen=True)
class Hit:
    page_id: int
    kind: str
    year: int
    score: float
    moment: datetime


@dataclass(frozen=True)
class Result:
    """A page as an answer shows it."""

    title: SafeString
    excerpt: SafeString
    url: str
    kind: Kind | None
    date: datetime | None


@dataclass(frozen=True)
class Correction:
    typed: str
    meant: str


class Results(Sequence):
    """Hits, of which only those that are shown are fetched."""

    def __init__(self, hits: list[Hit], marker: Marker, request=None):
        self.hits, self.marker, self.request = hits, marker, request

    def __len__(self):
        return len(self.hits)

    def __getitem__(self, key):
        hits = self.hits[key]
        if isinstance(hits, Hit):
            hits = [hits]
        entries = (
            SearchEntry.objects.filter(published_q("page__"))
            .select_related("page__locale")
            .in_bulk([hit.page_id for hit in hits])
        )
        return [self._result(entries[hit.page_id]) for hit in hits if hit.page_id in entries]

    def _result(self, entry: SearchEntry) -> Result:
        kind = kind_of(entry.kind)
        return Result(
            title=self.marker.mark(entry.title),
            excerpt=self.marker.excerpt(entry.summary, entry.text),
            url=entry.page.get_url(self.request) or "",
            kind=kind,
            date=entry.moment if kind and kind.is_dated else None,
        )


@dataclass
class Answer:
    """All that a question brings; ``answer`` makes it."""

    language: str
    #: Pages of the language.
    among: int = 0
    #: The words looked for: those that pages have, and those that mistyped ones were meant to be.
    terms: tuple[Term, ...] = ()
    corrections: list[Correction] = field(default_factory=list)
    #: Words that no page has, and for which no other was found.
    unknown: list[str] = field(default_factory=list)
    #: The best first.
    hits: list[Hit] = field(default_factory=list)
    #: No page has all the words; these have some.
    is_partial: bool = False
    #: There are more pages than the answer brings.
    is_capped: bool = False
    #: Pages by kind and by year before any filter; None where there are more than are counted.
    by_kind: Counter | None = None
    by_year: Counter | None = None
    promoted: list[PromotedResult] = field(default_factory=list)

    @property
    def most(self) -> int:
        return MOST

    @property
    def words(self) -> str:
        """The words that were looked for, as the reader or the correction wrote them."""
        return " ".join(term.written for term in self.terms)

    @property
    def single_words(self) -> list[str]:
        """The words apart, for those whom all of them together lead nowhere."""
        return [term.written for term in self.terms] if len(self.terms) > 1 else []

    def results(self, request) -> Results:
        return Results(self.hits, Marker(self.terms, self.language), request)


def answer(text: str, language: str, kind: str = "", year: int | None = None) -> Answer:
    """Answer ``text``, words in a language, with pages of a kind and year where they are given.

    The number of queries does not depend on how many pages there are.
    """
    made = Answer(language)
    terms = words.terms_of(text, words.short(language))
    if not terms:
        return made
    frequencies = _understand(made, terms)
    made.promoted = _promoted([*terms, *made.terms], language)
    if made.terms:
        _look(made, frequencies, kind, year)
    if made.corrections and current_election() and (made.is_partial or not made.hits):
        _look_as_typed(made, frequencies, kind, year)
    return made


@dataclass
class Matches:
    """The newest pages that have all the words, for a list that asks for no more than that."""

    page_ids: set[int] = field(default_factory=set)
    #: These are all the pages of the kind that have the words, whatever narrows the list.
    is_whole: bool = True
    #: There are more than ``MOST``: of those found, only so many of the newest are all there are.
    is_capped: bool = False
    corrections: list[Correction] = field(default_factory=list)


def newest(
    text: str,
    language: str,
    kind: str,
    year: int | None = None,
    month: int | None = None,
    marks: tuple[str, ...] = (),
) -> Matches:
    """Find the newest pages of a kind that have the words of ``text``, in no order.

    Where few pages have the words, all of them are brought, for the list to count; a period and
    marks narrow the search only where there are too many. Pages may be other than public: who
    asks must leave those out.
    """
    made = Answer(language)
    terms = words.terms_of(text, words.short(language))
    if not terms:
        return Matches()
    frequencies = _understand(made, terms)
    if not made.terms or made.unknown:
        return Matches(corrections=[] if current_election() else made.corrections)
    least = reduce(Frequency.least, frequencies)
    question = Question(
        made.terms,
        language,
        kind=kind,
        pages=least.pages,
        among=made.among,
        by_title=False,
    )
    is_narrowed = bool(year or marks) and least.pages > MOST
    if is_narrowed:
        question = replace(question, year=year, month=month, marks=marks)
    found = {page_id for page_id, _relevance in engine().find(question)}
    if current_election() and not found:
        # The words meant may be those of a page that is withheld.
        made.corrections = []
    is_capped = len(found) > MOST
    return Matches(found, not (is_narrowed or is_capped), is_capped, made.corrections)


def _understand(made: Answer, terms: list[Term]) -> list[Frequency]:
    """Choose what to look for, and say how common each of it is."""
    known = vocabulary.Frequencies(terms, made.language)
    made.among = known.pages
    terms = [part for term in terms for part in ([term] if known.of(term).pages else term.parts)]
    unknown = [term for term in terms if not known.of(term).pages]
    corrected = vocabulary.correct(unknown, made.language)
    chosen: dict[Term, Frequency] = {}
    for term in terms:
        if known.of(term).pages:
            chosen[term] = known.of(term)
        elif term in corrected:
            meant, frequency = corrected[term]
            chosen[meant] = frequency
            made.corrections.append(Correction(term.written, meant.written))
        else:
            made.unknown.append(term.written)
    made.terms = tuple(chosen)
    return list(chosen.values())


def _look(made: Answer, frequencies: list[Frequency], kind: str, year: int | None) -> None:
    """Bring the pages that have all the words or, where none has, those that have some."""
    least = reduce(Frequency.least, frequencies)
    question = Question(
        made.terms, made.language, pages=least.pages, titles=least.titles, among=made.among
    )
    found = engine().find(question)
    if not found and len(made.terms) > 1:
        every = reduce(Frequency.__add__, frequencies)
        question = replace(question, pages=every.pages, titles=every.titles, any_word=True)
        found = engine().find(question)
        made.is_partial = bool(found)
    is_whole = len(found) <= MOST
    is_filtered = bool(kind or year)
    narrowed = []
    if is_filtered and not is_whole:
        narrowed = engine().find(replace(question, kind=kind, year=year))
    hits = _published(made.language, dict([*found, *narrowed]))
    if is_whole:
        made.by_kind = Counter(hit.kind for hit in hits)
        made.by_year = Counter(hit.year for hit in hits)
    if is_filtered:
        hits = [
            hit for hit in hits if (not kind or hit.kind == kind) and (not year or hit.year == year)
        ]
    made.is_capped = len(narrowed if is_filtered else found) > MOST
    made.hits = hits[:MOST]


def _look_as_typed(made: Answer, frequencies: list[Frequency], kind: str, year: int | None) -> None:
    """Look again without the corrections, where no page that visitors may see has all the words.

    The words meant may be those of a page that an election withholds, and must not be told.
    """
    meant = {correction.meant for correction in made.corrections}
    kept = [
        (term, frequency)
        for term, frequency in zip(made.terms, frequencies, strict=True)
        if term.written not in meant
    ]
    made.unknown += [correction.typed for correction in made.corrections]
    made.terms = tuple(term for term, _frequency in kept)
    made.corrections, made.hits, made.is_partial = [], [], False
    if made.terms:
        _look(made, [frequency for _term, frequency in kept], kind, year)


def _published(language: str, relevance: dict[int, float]) -> list[Hit]:
    """The pages that visitors may see, those that answer best first."""
    if not relevance:
        return []
    now = timezone.now()
    entries = SearchEntry.objects.filter(
        published_q("page__"), page_id__in=relevance.keys(), language=language
    )
    hits = []
    for page_id, kind, year, moment in entries.values_list("page_id", "kind", "year", "moment"):
        days = max(0, (now - moment).days)
        worth = relevance[page_id] * (1 + RECENCY * 0.5 ** (days / HALF_LIFE))
        hits.append(Hit(page_id, kind, year, worth, moment))
    return sorted(hits, key=lambda hit: (hit.score, hit.moment, hit.page_id), reverse=True)


def _promoted(terms: Iterable[Term], language: str) -> list[PromotedResult]:
    """What editors want shown first to those who look for these words."""
    short = words.short(language)
    asked = set().union(*(term.stems(short) for term in terms))
    return [
        promoted
        for promoted in PromotedResult.objects.shown_in(language)
        if any(
            wanted and all(any(stems <= asked for stems in choices) for choices in wanted)
            for wanted in promoted.wanted(short)
        )
    ]
