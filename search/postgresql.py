"""The index in PostgreSQL: a narrow table of full-text vectors, made by a migration.

An answer takes the newest matches only, so its cost hardly grows with the number of pages. What
few pages have is found by the GIN index. What many have is found by walking from the newest page
on until there are enough, for to gather all its pages would take long. The walk is bounded, and
what lies beyond it the GIN index finds.
"""

from collections.abc import Iterable

from django.db import connection

from . import words
from .documents import Document
from .models import SearchEntry
from .question import GATHERED, Question

#: Text search configurations by language.
CONFIGS = {"pt": "search_portuguese", "en": "search_english", "es": "search_spanish"}
#: A word is common when so large a share of the pages have it.
COMMON = 0.15
#: Longest walk, in pages.
WALK = 3000
#: What a word is worth in the text, nowhere, in the summary and in the title.
WEIGHTS = "{0.1, 0.1, 0.4, 1.0}"

WRITE = """
INSERT INTO search_index (page_id, language, kind, moment, title_vector, vector)
VALUES (
    %(page)s, %(language)s, %(kind)s, %(moment)s,
    strip(to_tsvector(%(config)s::regconfig, %(title)s)),
    setweight(to_tsvector(%(config)s::regconfig, %(title)s), 'A')
    || setweight(to_tsvector(%(config)s::regconfig, %(summary)s), 'B')
    || setweight(to_tsvector(%(config)s::regconfig, %(text)s), 'D')
)
ON CONFLICT (page_id) DO UPDATE SET
    language = EXCLUDED.language, kind = EXCLUDED.kind, moment = EXCLUDED.moment,
    title_vector = EXCLUDED.title_vector, vector = EXCLUDED.vector
"""

#: The newest matches in a vector. ``moment + '0'`` has no index: what gathers must not walk.
NEWEST = """
    (
        SELECT page_id FROM (
            SELECT page_id, {vector} FROM search_index
            WHERE language = %(language)s AND (%(kind)s = '' OR kind = %(kind)s)
                AND moment >= %(since)s AND moment < %(until)s
            ORDER BY moment DESC, page_id DESC LIMIT %({walk})s
        ) AS walked
        WHERE {vector} @@ to_tsquery(%(config)s::regconfig, %(asked)s)
    )
    UNION ALL
    (
        SELECT page_id FROM search_index
        WHERE language = %(language)s AND (%(kind)s = '' OR kind = %(kind)s)
            AND moment >= %(since)s AND moment < %(until)s
            AND {vector} @@ to_tsquery(%(config)s::regconfig, %(asked)s)
            AND (%({walk})s = 0 OR (moment, page_id) < (
                SELECT moment, page_id FROM search_index
                WHERE language = %(language)s AND (%(kind)s = '' OR kind = %(kind)s)
                    AND moment >= %(since)s AND moment < %(until)s
                ORDER BY moment DESC, page_id DESC OFFSET greatest(%({walk})s - 1, 0) LIMIT 1
            ))
        ORDER BY moment + interval '0' DESC LIMIT %(most)s
    )
    LIMIT %(most)s
"""
ANSWER = """
WITH newest AS ({newest}), titled AS ({titled})
SELECT page_id, ts_rank(%(weights)s, vector, to_tsquery(%(config)s::regconfig, %(asked)s), 1)
FROM search_index
WHERE page_id IN (SELECT page_id FROM newest UNION SELECT page_id FROM titled)
"""
FIND = ANSWER.format(
    newest=NEWEST.format(vector="vector", walk="walk"),
    titled=NEWEST.format(vector="title_vector", walk="title_walk"),
)


def write(documents: Iterable[Document]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(WRITE, [_row(document) for document in documents])


def _row(document: Document) -> dict:
    title, summary, text = document.spoken(words.base)
    return {
        "page": document.page_id,
        "language": document.language,
        "kind": document.kind,
        "moment": document.moment,
        "config": CONFIGS[words.short(document.language)],
        "title": title,
        "summary": summary,
        "text": text,
    }


def erase(entries: Iterable[SearchEntry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_index WHERE page_id = ANY(%s)",
            [[entry.page_id for entry in entries]],
        )


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_index")


def tidy() -> None:
    """Let the database know what it holds: its plans depend on how common each word is."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_index")
        cursor.execute("ANALYZE search_searchentry")


def take_turn() -> None:
    """Wait until no other transaction changes the index; two at once could lock each other out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('search_index'))")


def find(question: Question) -> list[tuple[int, float]]:
    """Pages and how well they answer, in no order."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, parameters(question))
        return cursor.fetchall()


def parameters(question: Question) -> dict:
    language = words.short(question.language)
    since, until = question.period
    return {
        "language": question.language,
        "kind": question.kind,
        "since": since,
        "until": until,
        "config": CONFIGS[language],
        "asked": question.expression(lambda word: f"'{words.base(word, language)}'", " & ", " | "),
        "walk": _walk(question.pages, question),
        "title_walk": _walk(question.titles, question),
        "most": GATHERED,
        "weights": WEIGHTS,
    }


def _walk(matches: int, question: Question) -> int:
    return WALK if matches > max(question.among * COMMON, GATHERED) else 0
