"""The words of the pages: how common each is, and which one a mistyped one was meant to be."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from django.db import connection
from django.db.models import OuterRef, Q, Subquery, Sum

from . import words
from .documents import Document
from .models import Misspelling, Word
from .words import Term

#: Shortest word that is corrected.
MIN_CORRECTED = 4
#: Words that may bear two mistakes.
LONG = 8
#: Near words that are compared with a mistyped one.
MAX_NEAR = 500
#: Letters of a word as it is written, hyphens included, that are kept.
MAX_WRITTEN = 80
BATCH = 2000


class Counts:
    """How many pages have each word of a language, how many in the title, and how it is written.

    The empty word stands for the pages themselves.
    """

    def __init__(self):
        self.pages: Counter[str] = Counter()
        self.titles: Counter[str] = Counter()
        self.written: dict[str, str] = {}

    def add(self, document: Document, sign: int = 1) -> None:
        for folded, written in {**document.words, "": ""}.items():
            self.pages[folded] += sign
            known = self.written.get(folded)
            if known is None or (known == folded and written.lower() != folded):
                self.written[folded] = written.lower()[:MAX_WRITTEN]
        for folded in (*document.title_words, ""):
            self.titles[folded] += sign


def count(added: Iterable[Document], removed: Iterable[Document] = ()) -> dict[str, Counts]:
    """What documents that come and go change, by language."""
    counts: defaultdict[str, Counts] = defaultdict(Counts)
    for documents, sign in ((removed, -1), (added, 1)):
        for document in documents:
            counts[document.language].add(document, sign)
    return counts


#: Both databases write it so (https://www.sqlite.org/lang_upsert.html).
LEARN = """
INSERT INTO search_word (language, folded, written, stem, pages, titles)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (language, folded) DO UPDATE SET
    pages = search_word.pages + excluded.pages,
    titles = search_word.titles + excluded.titles,
    written = CASE
        WHEN search_word.written = search_word.folded THEN excluded.written
        ELSE search_word.written
    END
"""


def learn(counts: dict[str, Counts]) -> None:
    """Bring the vocabulary in step with what changed."""
    for language, changed in counts.items():
        short = words.short(language)
        names = sorted(
            word for word in changed.pages if changed.pages[word] or changed.titles[word]
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                LEARN,
                [
                    (
                        *(language, word, changed.written[word], words.stem(word, short)),
                        *(changed.pages[word], changed.titles[word]),
                    )
                    for word in names
                ],
            )
        for start in range(0, len(names), BATCH):
            touched = Word.objects.filter(
                language=language, folded__in=names[start : start + BATCH]
            ).exclude(folded="")
            touched.filter(pages__lte=0).delete()
            fresh = touched.filter(misspellings__isnull=True).values_list("pk", "folded")
            Misspelling.objects.bulk_create(
                (
                    Misspelling(word_id=pk, form=form)
                    for pk, word in fresh
                    if is_correctable(word)
                    for form in sorted(words.misspellings(word))
                ),
                batch_size=BATCH,
            )


def is_correctable(folded: str) -> bool:
    """Whether a word is long enough to have been meant for another; a number never is."""
    return len(folded) >= MIN_CORRECTED and folded.isalpha()


@dataclass(frozen=True)
class Frequency:
    """How many pages have something, at most, and how many in their title."""

    pages: int = 0
    titles: int = 0

    def __add__(self, other: "Frequency") -> "Frequency":
        return Frequency(self.pages + other.pages, self.titles + other.titles)

    def least(self, other: "Frequency") -> "Frequency":
        return Frequency(min(self.pages, other.pages), min(self.titles, other.titles))


class Frequencies:
    """How common words of a language are, with their plurals and kin, found in one query."""

    def __init__(self, terms: Iterable[Term], language: str):
        self.language = words.short(language)
        asked = {word for term in terms for choice in term.choices for word in choice}
        found = Word.objects.filter(language=language).filter(
            Q(stem__in={words.stem(word, self.language) for word in asked}) | Q(folded="")
        )
        self.by_stem: defaultdict[str, Frequency] = defaultdict(Frequency)
        for stem, pages, titles in found.values_list("stem", "pages", "titles"):
            self.by_stem[stem] += Frequency(pages, titles)

    @property
    def pages(self) -> int:
        """Pages of the language, whatever their words."""
        return self.by_stem[""].pages

    def of(self, term: Term) -> Frequency:
        """At most so many pages have the term: all the words of one of its choices."""
        return reduce(
            Frequency.__add__, (reduce(Frequency.least, map(self._of, c)) for c in term.choices)
        )

    def _of(self, word: str) -> Frequency:
        return self.by_stem[words.stem(word, self.language)]


def correct(terms: Iterable[Term], language: str) -> dict[Term, tuple[Term, Frequency]]:
    """For each mistyped term the one that was probably meant, where there is one."""
    terms = [term for term in terms if is_correctable(term.folded)]
    if not terms:
        return {}
    forms = set().union(*(words.misspellings(term.folded) for term in terms))
    kin = Word.objects.filter(language=language, stem=OuterRef("stem")).order_by().values("stem")
    alike = Misspelling.objects.filter(form__in=forms).values_list("word_id", flat=True)
    near = list(
        Word.objects.filter(language=language, pk__in=alike[:MAX_NEAR])
        .annotate(
            kin_pages=Subquery(kin.annotate(total=Sum("pages")).values("total")),
            kin_titles=Subquery(kin.annotate(total=Sum("titles")).values("total")),
        )
        .values_list("folded", "written", "pages", "kin_pages", "kin_titles")
    )
    corrected = {}
    for term in terms:
        most = 1 if len(term.folded) < LONG else 2
        ranked = sorted(
            (words.distance(term.folded, folded), -pages, folded, written, kin_pages, kin_titles)
            for folded, written, pages, kin_pages, kin_titles in near
            if abs(len(folded) - len(term.folded)) <= most
        )
        if ranked and ranked[0][0] <= most:
            _, _, folded, written, pages, titles = ranked[0]
            corrected[term] = (Term(written, ((folded,),)), Frequency(pages, titles))
    return corrected
