"""The index in PostgreSQL: a narrow table of full-text vectors, made by a migration.

An answer takes the newest matches only, so its cost hardly grows with the number of pages. What
few pages have is found by the GIN index. What many have is found by walking from the newest page
on until there are enough, for to gather all its pages would take long. The walk is bounded, and
what lies beyond it the GIN index finds.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection

from . import words
from .documents import Document
from .models import SearchEntry
from .question import GATHERED, TITLE_WORTH, Question
from .withheld import shown_pages

#: Text search configurations by language.
CONFIGS = {"pt": "search_portuguese", "en": "search_english", "es": "search_spanish"}
#: A word is common when a walk would find so many times what is wanted, were it spread evenly.
SURELY = 2
#: Longest walk, in pages.
WALK = 3000
#: What a word is worth in the text, nowhere, in the summary and in the title.
WEIGHTS = "{0.1, 0.1, 0.4, 1.0}"

TABLE, FRESH_TABLE = "search_index", "search_index_fresh"
WRITE = """
INSERT INTO {table} (page_id, language, kind, moment, title_vector, vector)
VALUES (
    %(page)s, %(language)s, %(kind)s, %(moment)s,
    strip(to_tsvector(%(config)s::regconfig, %(title)s)),
    setweight(to_tsvector(%(config)s::regconfig, %(title)s), 'A')
    || setweight(to_tsvector(%(config)s::regconfig, %(summary)s), 'B')
    || setweight(to_tsvector(%(config)s::regconfig, %(text)s), 'D')
    || to_tsvector('simple', %(marks)s)
)
ON CONFLICT (page_id) DO UPDATE SET
    language = EXCLUDED.language, kind = EXCLUDED.kind, moment = EXCLUDED.moment,
    title_vector = EXCLUDED.title_vector, vector = EXCLUDED.vector
"""

#: As in the migration, but for an index that is made beside the one in use.
FRESH = """
CREATE TABLE search_index_fresh (LIKE search_index INCLUDING ALL EXCLUDING INDEXES);
ALTER TABLE search_index_fresh SET (toast_tuple_target = 128);
ALTER TABLE search_index_fresh ADD CONSTRAINT search_index_fresh_pkey PRIMARY KEY (page_id);
"""
#: Made when the rows are there, which takes a fraction of the time.
FRESH_TO_INDEX = """
CREATE INDEX search_index_fresh_moment
    ON search_index_fresh (language, moment DESC, page_id DESC);
CREATE INDEX search_index_fresh_kind
    ON search_index_fresh (language, kind, moment DESC, page_id DESC);
CREATE INDEX search_index_fresh_vector
    ON search_index_fresh USING gin (vector) WITH (fastupdate = off);
CREATE INDEX search_index_fresh_title
    ON search_index_fresh USING gin (title_vector) WITH (fastupdate = off);
DROP TABLE search_index;
ALTER TABLE search_index_fresh RENAME TO search_index;
ALTER INDEX search_index_fresh_pkey RENAME TO search_index_pkey;
ALTER INDEX search_index_fresh_moment RENAME TO search_index_moment;
ALTER INDEX search_index_fresh_kind RENAME TO search_index_kind;
ALTER INDEX search_index_fresh_vector RENAME TO search_index_vector;
ALTER INDEX search_index_fresh_title RENAME TO search_index_title;
"""
#: The plans depend on what the database knows of its tables.
KNOW = "ANALYZE search_index; ANALYZE search_searchentry; ANALYZE search_word;"

#: The newest matches in a vector. ``moment + '0'`` has no index: what gathers must not walk.
NEWEST = """
    (
        SELECT page_id, vector, title_vector FROM (
            SELECT page_id, vector, title_vector FROM search_index
            WHERE language = %(language)s AND (%(kind)s = '' OR kind = %(kind)s)
                AND moment >= %(since)s AND moment < %(until)s
            ORDER BY moment DESC, page_id DESC LIMIT %({walk})s
        ) AS walked
        WHERE {vector} @@ to_tsquery(%(config)s::regconfig, %(asked)s)
            AND (%(marks)s = '' OR vector @@ to_tsquery('simple', %(marks)s))
    )
    UNION ALL
    (
        SELECT page_id, vector, title_vector FROM search_index
        WHERE language = %(language)s AND (%(kind)s = '' OR kind = %(kind)s)
            AND moment >= %(since)s AND moment < %(until)s
            AND {vector} @@ to_tsquery(%(config)s::regconfig, %(asked)s)
            AND (%(marks)s = '' OR vector @@ to_tsquery('simple', %(marks)s))
            AND (%({walk})s = 0 OR (moment, page_id) < (
                SELECT moment, page_id FROM search_index
                WHERE language = %(language)s AND (%(kind)s = '' OR kind = %(kind)s)
                    AND moment >= %(since)s AND moment < %(until)s
                ORDER BY moment DESC, page_id DESC OFFSET greatest(%({walk})s - 1, 0) LIMIT 1
            ))
        ORDER BY moment + interval '0' DESC LIMIT %({most})s
    )
    LIMIT %({most})s
"""
ANSWER = """
WITH newest AS ({newest}), titled AS ({titled})
SELECT
    page_id,
    ts_rank(%(weights)s, vector, to_tsquery(%(config)s::regconfig, %(asked)s), 1)
        * CASE WHEN title_vector @@ to_tsquery(%(config)s::regconfig, %(asked)s)
            THEN %(title_worth)s ELSE 1 END
FROM (
    SELECT DISTINCT ON (page_id) page_id, vector, title_vector
    FROM (SELECT * FROM newest UNION ALL SELECT * FROM titled) AS gathered
) AS candidates
"""
FIND = ANSWER.format(
    newest=NEWEST.format(vector="vector", walk="walk", most="most"),
    titled=NEWEST.format(vector="title_vector", walk="title_walk", most="title_most"),
)
#: The newest matches among certain pages, which are few.
FIND_AMONG = """SELECT
    page_id,
    ts_rank(%(weights)s, vector, to_tsquery(%(config)s::regconfig, %(asked)s), 1)
        * CASE WHEN title_vector @@ to_tsquery(%(config)s::regconfig, %(asked)s)
            THEN %(title_worth)s ELSE 1 END
FROM search_index
WHERE page_id IN ({pages}) AND language = %(language)s AND (%(kind)s = '' OR kind = %(kind)s)
    AND moment >= %(since)s AND moment < %(until)s
    AND vector @@ to_tsquery(%(config)s::regconfig, %(asked)s)
    AND (%(marks)s = '' OR vector @@ to_tsquery('simple', %(marks)s))
ORDER BY moment DESC LIMIT %(most)s
"""


def write(documents: Iterable[Document], table: str = TABLE) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(WRITE.format(table=table), [_row(document) for document in documents])


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
        "marks": document.marks,
    }


def erase(entries: Iterable[SearchEntry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_index WHERE page_id = ANY(%s)",
            [[entry.page_id for entry in entries]],
        )


@contextmanager
def renewed() -> Iterator[Callable[[list[Document]], None]]:
    """Make the index anew with what is written meanwhile; until then readers have the old one."""
    with connection.cursor() as cursor:
        cursor.execute(FRESH)
    yield partial(write, table=FRESH_TABLE)
    with connection.cursor() as cursor:
        cursor.execute(FRESH_TO_INDEX)
        cursor.execute(KNOW)


def take_turn() -> None:
    """Wait until no other transaction changes the index; two at once could lock each other out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('search_index'))")


def find(question: Question) -> list[tuple[int, float]]:
    """Pages and how well they answer, in no order."""
    asked, find = parameters(question), FIND
    if shown := shown_pages(question.language):
        pages, values = shown
        names = [f"shown_{number}" for number in range(len(values))]
        find = FIND_AMONG.format(pages=pages % tuple(f"%({name})s" for name in names))
        asked |= dict(zip(names, values, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(find, asked)
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
        "marks": " & ".join(f"'{mark}'" for mark in question.marks),
        "walk": _walk(question.pages, GATHERED, question),
        "title_walk": _walk(question.titles, question.most_by_title, question),
        "most": GATHERED,
        "title_most": question.most_by_title,
        "weights": WEIGHTS,
        "title_worth": TITLE_WORTH,
    }


def _walk(matches: int, most: int, question: Question) -> int:
    """How far to walk for ``most`` of so many matches: not at all where they lie too far apart."""
    is_common = matches * WALK > question.among * most * SURELY
    return WALK if is_common and matches > GATHERED else 0
