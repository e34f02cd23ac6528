"""What of the news a reader chose, and how many there are of what may be chosen beside it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import OuterRef, Subquery

from goals.models import GoalPage
from pages.dates import month_and_year
from search import answers
from search.answers import Correction
from search.models import SearchEntry
from search.question import MOST

from .archive import Listing, Month
from .article import (
    ArticlePage,
    ArticlePageQuerySet,
    category_mark,
    goal_mark,
    goals_in,
    month_of,
)
from .category import NewsCategory


@dataclass(frozen=True)
class NewsFilter:
    """What the reader asked the news index for."""

    year: int | None = None
    month: int | None = None
    category: NewsCategory | None = None
    goal: GoalPage | None = None
    words: str = ""

    def __bool__(self):
        return self != NewsFilter()

    @property
    def period(self) -> date | None:
        """The first day of the year or month asked for."""
        return date(self.year, self.month or 1, 1) if self.year else None

    @property
    def last_month(self) -> date | None:
        """The first day of the last month of the period asked for."""
        return date(self.year, self.month or 12, 1) if self.year else None

    @property
    def period_name(self) -> str:
        if not self.year:
            return ""
        return month_and_year(self.period) if self.month else str(self.year)

    @property
    def query(self) -> dict[str, str]:
        """What follows the question mark in the address of the listing."""
        values = {
            "q": self.words,
            "assunto": self.category.slug if self.category else "",
            "meta": self.goal.slug if self.goal else "",
        }
        return {name: value for name, value in values.items() if value}

    @property
    def path(self) -> str:
        """What follows the address of the index: nothing, ``2026/`` or ``2026/03/``."""
        if not self.year:
            return ""
        return f"{self.year}/{self.month:02}/" if self.month else f"{self.year}/"

    @property
    def address(self) -> str:
        """``path`` and ``query`` together."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    def holds(self, month: date) -> bool:
        """Whether the month that begins on that day is in the period asked for."""
        return (not self.year or month.year == self.year) and (
            not self.month or month.month == self.month
        )

    def apply(self, articles: ArticlePageQuerySet) -> ArticlePageQuerySet:
        """The articles of the category and goal; period and words are the selection's matter."""
        if self.category:
            articles = articles.in_category(self.category)
        if self.goal:
            articles = articles.serving(self.goal)
        return articles


class Selection:
    """The articles of an index that a filter chooses, counted by month."""

    #: There are more articles than are listed.
    is_capped = False
    #: Whether it is known how many articles each choice would show.
    is_counted = True
    #: Mistyped words that were taken for others.
    corrections: tuple[Correction, ...] = ()

    def __init__(self, index, chosen: NewsFilter):
        self.index, self.chosen = index, chosen

    @cached_property
    def months(self) -> list[Month]:
        """Months of the category and goal chosen, newest first, whatever the period."""
        chosen = self.chosen
        if chosen.category or chosen.goal:
            return self.index.counted.months(chosen.category, chosen.goal)
        return self.index.all_months

    @cached_property
    def listing(self) -> Sequence:
        """The articles, newest first, as a sequence that a paginator can cut anywhere."""
        return Listing(
            self.chosen.apply(self.index.articles).for_cards(),
            [month for month in self.months if self.chosen.holds(month.first_day)],
        )

    @cached_property
    def totals(self) -> Counter:
        """Articles of the period by category and goal: ``(category, goal): count``.

        Of each category beside the goal chosen, and of each goal beside the category chosen;
        None stands for no choice.
        """
        chosen = self.chosen
        return self.index.counted.totals(
            chosen.category, chosen.goal, chosen.period, chosen.last_month
        )

    @property
    def wider(self) -> dict[NewsFilter, int | None]:
        """Filters that leave one of those chosen away and show something, and how many articles.

        None where it is not known how many.
        """
        chosen = self.chosen
        ways = [
            replace(chosen, **{name: None})
            for name in ("month", "category", "goal")
            if getattr(chosen, name)
        ]
        if chosen.words:
            ways += [replace(chosen, words=""), NewsFilter(words=chosen.words)]
        if chosen.year:
            ways.append(replace(chosen, year=None, month=None))
        counts = {way: self._count_of(way) for way in ways if way and way != chosen}
        return {way: count for way, count in counts.items() if count != 0}

    def _count_of(self, way: NewsFilter) -> int | None:
        same = (way.category, way.goal) == (self.chosen.category, self.chosen.goal)
        months = self.months if same else Selection(self.index, way).months
        return sum(month.count for month in months if way.holds(month.first_day))


@dataclass(frozen=True)
class _Found:
    pk: int
    moment: datetime
    category_id: int | None
    goal_ids: frozenset[int]

    @property
    def month(self) -> date:
        return month_of(self.moment)

    def suits(self, chosen: NewsFilter, *but: str) -> bool:
        """Whether the article is among those chosen, were the filters in ``but`` not there."""
        return (
            ("period" in but or chosen.holds(self.month))
            and ("category" in but or not chosen.category or chosen.category.pk == self.category_id)
            and ("goal" in but or not chosen.goal or chosen.goal.pk in self.goal_ids)
        )


class WordSelection(Selection):
    """The newest articles that have certain words, as far as the search brings them."""

    def __init__(self, index, chosen: NewsFilter):
        super().__init__(index, chosen)
        marks = (
            *([category_mark(chosen.category.pk)] if chosen.category else []),
            *([goal_mark(chosen.goal.pk)] if chosen.goal else []),
        )
        found = answers.newest(
            chosen.words,
            index.language_code,
            ArticlePage._meta.label_lower,
            chosen.year,
            chosen.month,
            marks,
        )
        self.corrections = tuple(found.corrections)
        self.is_counted = found.is_whole
        self.is_capped = found.is_capped
        self._among = self._read(found.page_ids) if found.page_ids else []
        self._listed = [each for each in self._among if each.suits(chosen)][:MOST]

    def _read(self, page_ids: set[int]) -> list[_Found]:
        marks = SearchEntry.objects.filter(page_id=OuterRef("pk")).values("marks")
        rows = self.index.articles.filter(pk__in=page_ids).annotate(marks=Subquery(marks))
        return [
            _Found(pk, moment, category_id, goals_in(marks or ""))
            for pk, moment, category_id, marks in rows.values_list(
                "pk", "date", "category_id", "marks"
            )
        ]

    def _count_of(self, way):
        if not way.words:
            return Selection(self.index, way)._count_of(way)
        if self.is_counted:
            return sum(each.suits(way) for each in self._among)
        # Of words that many articles have, only those without any other filter surely show some.
        return None if way == NewsFilter(words=way.words) else 0

    @cached_property
    def months(self) -> list[Month]:
        suitable = [each for each in self._among if each.suits(self.chosen, "period")]
        counts = Counter(each.month for each in suitable)
        newest = {}
        for each in reversed(suitable):
            newest[each.month] = each.moment
        return [Month(day, counts[day], newest[day]) for day in sorted(counts, reverse=True)]

    @cached_property
    def listing(self) -> Sequence:
        return FoundListing(self.index.articles.for_cards(), [each.pk for each in self._listed])

    @cached_property
    def totals(self) -> Counter:
        chosen = self.chosen
        category_id, goal_id = (each and each.pk for each in (chosen.category, chosen.goal))
        totals: Counter = Counter()
        for each in self._among:
            if each.category_id and each.suits(chosen, "category"):
                totals[each.category_id, goal_id] += 1
            if each.suits(chosen, "goal"):
                totals.update((category_id, goal) for goal in each.goal_ids)
        return totals


class FoundListing(Sequence):
    """Articles whose keys are known, in the order of the keys."""

    def __init__(self, articles: ArticlePageQuerySet, keys: list[int]):
        self.articles, self.keys = articles, keys

    def __len__(self):
        return len(self.keys)

    def count(self):
        return len(self)

    def __getitem__(self, key):
        if not isinstance(key, slice):
            return self[key : key + 1][0]
        keys = self.keys[key]
        found = self.articles.order_by().in_bulk(keys) if keys else {}
        return [found[pk] for pk in keys if pk in found]


def select(index, chosen: NewsFilter) -> Selection:
    return (WordSelection if chosen.words else Selection)(index, chosen)
