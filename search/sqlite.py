"""The index in SQLite: a full-text table (https://www.sqlite.org/fts5.html), made by a migration.

SQLite has no stemmer for Portuguese, so the table holds stems. Its rows are numbered by date, so
that the newest matches are the first the index comes upon.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from . import words
from .documents import Document
from .models import SearchEntry
from .question import GATHERED, TITLE_WORTH, Question
from .withheld import shown_pages

#: The lower part of a row's number, in bits, is the page's; the upper one is its date.
PAGE_BITS = 29
FIRST, LAST = -(2**63), 2**63 - 1

WRITE = "INSERT INTO search_index (rowid, title, summary, text, facts) VALUES (%s, %s, %s, %s, %s)"
#: The newest matches of two expressions. A match is worth so much in title, summary and text.
FIND = """
SELECT * FROM (
    SELECT rowid, -bm25(search_index, 10.0, 4.0, 1.0, 0.0), 0 FROM search_index
    WHERE search_index MATCH %s AND rowid BETWEEN %s AND %s {shown} ORDER BY rowid DESC LIMIT %s
)
UNION ALL
SELECT * FROM (
    SELECT rowid, -bm25(search_index, 10.0, 4.0, 1.0, 0.0), 1 FROM search_index
    WHERE search_index MATCH %s AND rowid BETWEEN %s AND %s {shown} ORDER BY rowid DESC LIMIT %s
)
"""
#: Only certain pages.
SHOWN = "AND (rowid & {mask}) IN ({pages})"


def number(page_id: int, moment: datetime) -> int:
    return (int(moment.timestamp()) << PAGE_BITS) + page_id


def fact(name: str) -> str:
    """A language or kind as one word of the column ``facts``."""
    return "".join(filter(str.isalnum, name.lower()))


def write(documents: Iterable[Document]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            WRITE,
            [
                (
                    number(document.page_id, document.moment),
                    *document.spoken(words.stem),
                    f"{fact(document.language)} {fact(document.kind)} {document.marks}",
                )
                for document in documents
            ],
        )


def erase(entries: Iterable[SearchEntry]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM search_index WHERE rowid = %s",
            [(number(entry.page_id, entry.moment),) for entry in entries],
        )


@contextmanager
def renewed() -> Iterator[Callable[[list[Document]], None]]:
    """Make the index anew with what is written meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_index")
    yield write
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_index (search_index) VALUES ('optimize')")


def take_turn() -> None:
    """Nothing to wait for: SQLite has one writer at a time."""


def find(question: Question) -> list[tuple[int, float]]:
    """Pages and how well they answer, in no order."""
    language = words.short(question.language)
    asked = question.expression(lambda word: f'"{words.stem(word, language)}"', " AND ", " OR ")
    facts = f'facts : "{fact(question.language)}"'
    if question.kind:
        facts += f' AND facts : "{fact(question.kind)}"'
    for mark in question.marks:
        facts += f' AND facts : "{fact(mark)}"'
    among, pages = "", ()
    if shown := shown_pages(question.language):
        among, pages = SHOWN.format(mask=(1 << PAGE_BITS) - 1, pages=shown[0]), shown[1]
    parameters: list = []
    for columns, most in (("{title summary text}", GATHERED), ("{title}", question.most_by_title)):
        match = f"{columns} : ({asked}) AND {facts}"
        parameters += [match, *_bounds(question), *pages, most]
    with connection.cursor() as cursor:
        cursor.execute(FIND.format(shown=among), parameters)
        rows = cursor.fetchall()
    found: dict[int, float] = {}
    for row, relevance, is_titled in rows:
        page_id = row % (1 << PAGE_BITS)
        # A page is in both where its title has the words; the first, over all columns, says more.
        found.setdefault(page_id, relevance)
        if is_titled:
            found[page_id] *= TITLE_WORTH
    return list(found.items())


def _bounds(question: Question) -> tuple[int, int]:
    if question.first_day is None:
        return FIRST, LAST
    since, until = question.period
    return number(0, since), number(0, until) - 1
