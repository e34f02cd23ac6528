"""The filters of the search: kinds of page and years."""

from dataclasses import dataclass

from django.db import connection
from django.http import Http404
from django.utils.translation import gettext as _

from .kinds import Kind, kind_of

#: The kinds and years there are, each found by one step in an index, however many pages have it.
SHELVES = """
WITH RECURSIVE years (year) AS (
    SELECT MAX(year) FROM search_searchentry WHERE language = %(language)s
    UNION ALL
    SELECT (
        SELECT MAX(year) FROM search_searchentry
        WHERE language = %(language)s AND year < years.year
    ) FROM years WHERE year IS NOT NULL
), kinds (kind) AS (
    SELECT MIN(kind) FROM search_searchentry WHERE language = %(language)s
    UNION ALL
    SELECT (
        SELECT MIN(kind) FROM search_searchentry
        WHERE language = %(language)s AND kind > kinds.kind
    ) FROM kinds WHERE kind IS NOT NULL
)
SELECT year, NULL FROM years WHERE year IS NOT NULL
UNION ALL
SELECT NULL, kind FROM kinds WHERE kind IS NOT NULL
"""


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    is_chosen: bool
    #: Pages behind it, where they are counted.
    count: int | None = None


class Filters:
    """What there is to filter by in a language, and what a request chose of it.

    Raises ``Http404`` for a kind or year that no page has: such an address was never given out,
    and must not become one more page for search engines.
    """

    def __init__(self, query, language: str):
        with connection.cursor() as cursor:
            cursor.execute(SHELVES, {"language": language})
            rows = cursor.fetchall()
        self.years: list[int] = sorted((year for year, _kind in rows if year), reverse=True)
        there = (kind_of(label) for _year, label in rows if label)
        self.kinds: list[Kind] = sorted(filter(None, there), key=lambda kind: kind.name)
        self.year: int | None = None
        self.kind: Kind | None = None
        if asked := query.get("ano", "").strip():
            self.year = next((year for year in self.years if str(year) == asked), None)
            if self.year is None:
                raise Http404(_("Não há páginas desse ano."))
        if asked := query.get("tipo", "").strip():
            self.kind = next((kind for kind in self.kinds if kind.slug == asked), None)
            if self.kind is None:
                raise Http404(_("Esse tipo de página não existe."))

    @property
    def are_chosen(self) -> bool:
        return bool(self.year or self.kind)

    @property
    def kind_label(self) -> str:
        """Label of the chosen kind's model; empty for all kinds."""
        return self.kind.label if self.kind else ""

    def kind_options(self, counts) -> list[Option]:
        """The kinds with their counts, without those that would show nothing."""
        return [
            Option(kind.slug, kind.name, kind == self.kind, _count(counts, kind.label))
            for kind in self.kinds
            if kind == self.kind or counts is None or counts[kind.label]
        ]

    def year_options(self, counts) -> list[Option]:
        return [
            Option(str(year), str(year), year == self.year, _count(counts, year))
            for year in self.years
            if year == self.year or counts is None or counts[year]
        ]


def _count(counts, key) -> int | None:
    return None if counts is None else counts[key]
