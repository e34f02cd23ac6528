"""Where an article leads: to those just before and after it, and to those most like it.

At a constant cost: the likeness of articles cannot be asked of an index, so it is weighed among
the newest of the article's category and of each of its goals, and the counts of the archive tell
how far back those go. All articles of a category weigh the same ones, which are found once.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, Sum, Window
from django.utils.text import slugify
from wagtail.models import Page

from pages.in_force import current_election
from pages.kept import kept_each

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
    words: frozenset[str]
    category: int | None
    goals: frozenset[int]

    @property
    def place(self) -> tuple[datetime, int]:
        return self.date, self.pk


#: A category or a goal: the name of the field, and the key of what is in it.
Kind = tuple[str, int]


def nearby(article: ArticlePage) -> Nearby:
    goals = [goal.pk for goal in article.goals_published]
    kinds: list[Kind] = [("goal", pk) for pk in goals]
    if article.category_id:
        kinds.append(("category", article.category_id))
    candidates = {
        candidate.pk: candidate
        for group in _newest_of(article, kinds)
        for candidate in [each for each in group if each.pk != article.pk][:CANDIDATES]
    }
    related = _most_alike(article, set(goals), list(candidates.values()))
    found = _cards(article, [candidate.pk for candidate in related])
    here = (article.date, _key(article))
    places = {(each.date, each.pk): each for each in found.values()}
    return Nearby(
        places.get(max((place for place in places if place < here), default=None)),
        places.get(min((place for place in places if place > here), default=None)),
        [found[candidate.pk] for candidate in related if candidate.pk in found],
    )


def _key(article: ArticlePage) -> int:
    """The article's key; one that is previewed before it is saved comes after all others."""
    return article.pk or LARGEST_KEY


def _most_alike(
    article: ArticlePage, goals: set[int], candidates: list[Candidate]
) -> list[Candidate]:
    """The best of ``candidates``: each goal, the category and each word of the title count one."""
    frequency = Counter(word for candidate in candidates for word in candidate.words)
    # What most titles say tells none of them apart.
    telling = {word for word, count in frequency.items() if count <= len(candidates) / 2}
    telling &= _words(article.title)

    def likeness(candidate: Candidate):
        shared = len(goals & candidate.goals)
        if candidate.category is not None and candidate.category == article.category_id:
            shared += 1
        return shared + len(telling & candidate.words), candidate.place

    return sorted(candidates, key=likeness, reverse=True)[:RELATED_COUNT]


def _words(title: str) -> frozenset[str]:
    """The words of a title that say something, without case and accents."""
    return frozenset(word for word in slugify(title).split("-") if len(word) >= LONG_WORD)


def _cards(article: ArticlePage, related: list[int]) -> dict[int, ArticlePage]:
    """The articles just before and after, and ``related``, as cards show them."""
    siblings = article.siblings
    # Written so that an index of dates is entered at the article's own.
    earlier = siblings.filter(
        Q(date__lt=article.date) | Q(pk__lt=_key(article)), date__lte=article.date
    )
    later = siblings.filter(
        Q(date__gt=article.date) | Q(pk__gt=_key(article)), date__gte=article.date
    )
    parts = [earlier.newest_first()[:1], later.order_by("date", "pk")[:1]]
    wanted = _any_of(parts).union(_keys().filter(pk__in=related))
    return {each.pk: each for each in ArticlePage.objects.for_cards().filter(pk__in=wanted)}


def _newest_of(article: ArticlePage, kinds: list[Kind]) -> Collection[list[Candidate]]:
    """The newest articles of each of ``kinds``, newest first, and one more than are weighed: the
    article itself may be among them.
    """
    beside = article.path[: -Page.steplen]
    return kept_each(
        f"newest beside {beside}", kinds, lambda missing: _ask_newest_of(article, missing)
    ).values()


def _ask_newest_of(article: ArticlePage, kinds: list[Kind]) -> dict[Kind, list[Candidate]]:
    siblings = ArticlePage.objects.sibling_of(article, inclusive=True).published()
    parts = []
    for kind, (first, last) in _newest_months(article, kinds).items():
        alike = siblings.filter(**{"goals" if kind[0] == "goal" else "category": kind[1]})
        if first:
            alike = alike.between_months(first, last)
        parts.append(alike.newest_first()[: CANDIDATES + 1])
    if not parts:
        return {kind: [] for kind in kinds}
    # One row for each goal of each article.
    rows = ArticlePage.objects.filter(pk__in=_any_of(parts)).values_list(
        "pk", "date", "title", "category_id", "goals"
    )
    goals_of: dict[tuple, set[int]] = {}
    for *about, goal in rows:
        goals_of.setdefault(tuple(about), set()).update([goal] if goal else [])
    candidates = [
        Candidate(pk, moment, _words(title), category, frozenset(goals))
        for (pk, moment, title, category), goals in goals_of.items()
    ]
    candidates.sort(key=lambda candidate: candidate.place, reverse=True)
    return {
        (field, pk): [
            each
            for each in candidates
            if (pk in each.goals if field == "goal" else pk == each.category)
        ][: CANDIDATES + 1]
        for field, pk in kinds
    }


def _keys() -> ArticlePageQuerySet:
    return ArticlePage.objects.order_by().values("pk")


def _any_of(parts: list[ArticlePageQuerySet]):
    """The keys of several slices as one query. Each is wrapped, for SQLite joins no slices."""
    first, *others = (_keys().filter(pk__in=part.values("pk")) for part in parts)
    return first.union(*others)


def _newest_months(
    article: ArticlePage, kinds: list[Kind]
) -> dict[Kind, tuple[date | None, date | None]]:
    """The first and last month that hold the newest of each of ``kinds``.

    None while an election withholds most articles: the few that are left are looked through.
    """
    if current_election():
        return dict.fromkeys(kinds, (None, None))
    goals = [pk for field, pk in kinds if field == "goal"]
    categories = [pk for field, pk in kinds if field == "category"]
    wanted = Q(category=None, goal__in=goals) | Q(category__in=categories, goal=None)
    newer = Window(
        Sum("count"), partition_by=[F("category"), F("goal")], order_by=F("month").desc()
    ) - F("count")
    months = (
        ArchiveMonth.objects.filter(wanted, index__path=article.path[: -Page.steplen])
        .annotate(newer=newer)
        .filter(newer__lte=CANDIDATES)
        .order_by("month")
    )
    found: dict[Kind, tuple[date | None, date | None]] = {}
    for category, goal, month in months.values_list("category_id", "goal_id", "month"):
        kind: Kind = ("goal", goal) if goal else ("category", category)
        first, _last = found.get(kind, (month, month))
        found[kind] = (first, month)
    return found
