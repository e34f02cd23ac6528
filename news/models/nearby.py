"""Where an article leads: to those just before and after it, and to those most like it.

At a constant cost: the likeness of articles cannot be asked of an index, so it is weighed among
the newest of the article's category and of each of its goals, and the counts of the archive tell
how far back those go.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Sum, Window
from django.db.models.functions import Coalesce
from django.utils.text import slugify
from wagtail.models import Page

from pages.in_force import current_election

from .archive import ArchiveMonth
from .article import ArticlePage, ArticlePageQuerySet

#: Newest articles of a category or goal that are weighed.
CANDIDATES = 24
#: Articles offered below an article.
RELATED_COUNT = 3
#: The largest key that a page may have, on any database.
LARGEST_KEY = 2**31 - 1
#: Letters of a word that says something.
LONG_WORD = 4


@dataclass(frozen=True)
class Nearby:
    previous: ArticlePage | None
    next: ArticlePage | None
    #: The articles that have most in common with it; of those that have as much, the newest.
    related: list[ArticlePage]


@dataclass(frozen=True)
class Candidate:
    pk: int
    date: datetime
    words: set[str]
    #: How many goals it shares, and whether the category, which counts as one more.
    shared: int

    @property
    def place(self) -> tuple[datetime, int]:
        return self.date, self.pk


def nearby(article: ArticlePage) -> Nearby:
    candidates = _candidates(article)
    here = (article.date, _key(article))
    previous = max((c for c in candidates if c.place < here), key=lambda c: c.place, default=None)
    following = min((c for c in candidates if c.place > here), key=lambda c: c.place, default=None)
    related = _most_alike(article, [c for c in candidates if c.shared])
    wanted = {c.pk for c in (previous, following, *related) if c}
    found = ArticlePage.objects.for_cards().in_bulk(wanted) if wanted else {}
    return Nearby(
        found.get(previous.pk) if previous else None,
        found.get(following.pk) if following else None,
        [found[c.pk] for c in related if c.pk in found],
    )


def _key(article: ArticlePage) -> int:
    """The article's key; one that is previewed before it is saved comes after all others."""
    return article.pk or LARGEST_KEY


def _most_alike(article: ArticlePage, candidates: list[Candidate]) -> list[Candidate]:
    """The best of ``candidates``: each goal, the category and each word of the title count one."""
    frequency = Counter(word for candidate in candidates for word in candidate.words)
    # What most titles say tells none of them apart.
    telling = {word for word, count in frequency.items() if count <= len(candidates) / 2}
    telling &= _words(article.title)

    def likeness(candidate: Candidate):
        return candidate.shared + len(telling & candidate.words), candidate.place

    return sorted(candidates, key=likeness, reverse=True)[:RELATED_COUNT]


def _words(title: str) -> set[str]:
    """The words of a title that say something, without case and accents."""
    return {word for word in slugify(title).split("-") if len(word) >= LONG_WORD}


def _candidates(article: ArticlePage) -> list[Candidate]:
    """The articles just before and after, and the newest of the category and of each goal."""
    siblings = article.siblings
    # Written so that an index of dates is entered at the article's own.
    earlier = siblings.filter(
        Q(date__lt=article.date) | Q(pk__lt=_key(article)), date__lte=article.date
    )
    later = siblings.filter(
        Q(date__gt=article.date) | Q(pk__gt=_key(article)), date__gte=article.date
    )
    goals = [goal.pk for goal in article.goals_published]
    parts = [earlier.newest_first()[:1], later.order_by("date", "pk")[:1]]
    for (category, goal), (first, last) in _newest_months(article, goals).items():
        alike = siblings.filter(goals=goal) if goal else siblings.filter(category=category)
        if first:
            alike = alike.between_months(first, last)
        parts.append(alike.newest_first()[:CANDIDATES])
    links = ArticlePage.goals.through.objects.filter(articlepage=OuterRef("pk"), goalpage__in=goals)
    shared = links.order_by().values("articlepage").annotate(count=Count("pk")).values("count")
    rows = (
        ArticlePage.objects.filter(pk__in=_any_of(parts))
        .annotate(shared=Coalesce(Subquery(shared, output_field=IntegerField()), 0))
        .values_list("pk", "date", "title", "category_id", "shared")
    )
    return [
        Candidate(
            pk,
            moment,
            _words(title),
            shared + (category is not None and category == article.category_id),
        )
        for pk, moment, title, category, shared in rows
    ]


def _any_of(parts: list[ArticlePageQuerySet]):
    """The keys of several slices as one query. Each is wrapped, for SQLite joins no slices."""
    every = ArticlePage.objects.order_by().values("pk")
    first, *others = (every.filter(pk__in=part.values("pk")) for part in parts)
    return first.union(*others)


def _newest_months(
    article: ArticlePage, goals: list[int]
) -> dict[tuple, tuple[date | None, date | None]]:
    """The first and last month that hold the newest of the category and of each goal.

    None while an election withholds most articles: the few that are left are looked through.
    """
    if current_election():
        categories = [article.category_id] if article.category_id else []
        alike = [*((pk, None) for pk in categories), *((None, pk) for pk in goals)]
        return dict.fromkeys(alike, (None, None))
    wanted = Q(category=None, goal__in=goals)
    if article.category_id:
        wanted |= Q(category=article.category_id, goal=None)
    newer = Window(
        Sum("count"), partition_by=[F("category"), F("goal")], order_by=F("month").desc()
    ) - F("count")
    months = (
        ArchiveMonth.objects.filter(wanted, index__path=article.path[: -Page.steplen])
        .annotate(newer=newer)
        .filter(newer__lt=CANDIDATES)
        .order_by("month")
    )
    found: dict[tuple, tuple[date | None, date | None]] = {}
    for category, goal, month in months.values_list("category_id", "goal_id", "month"):
        first, _last = found.get((category, goal), (month, month))
        found[category, goal] = (first, month)
    return found
