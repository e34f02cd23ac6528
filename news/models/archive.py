"""How many articles there are in each month: what lets a listing of any length be cut anywhere.

Counting and skipping rows costs as much as there are rows. The news are counted by month when they
change, so that a page of a listing is found by adding up a few hundred numbers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models, transaction
from django.db.models import Max, Q, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from goals.models import GoalPage
from pages.in_force import current_election
from pages.kept import kept

from .article import ArticlePage, ArticlePageQuerySet, month_of
from .category import NewsCategory

#: Rows written at a time when a whole archive is counted.
BATCH_SIZE = 2000


@dataclass(frozen=True)
class Month:
    """A month of a listing: its first day, its articles, and when one of them last changed."""

    first_day: date
    count: int
    changed_at: datetime


class ArchiveMonthQuerySet(models.QuerySet):
    def of(self, index, category: NewsCategory | None = None, goal: GoalPage | None = None):
        """The months of the articles of ``index`` that have a category and serve a goal."""
        return self.filter(index=index, category=category, goal=goal)

    def as_months(self) -> list[Month]:
        """The months, newest first."""
        rows = self.order_by("-month").values_list("month", "count", "changed_at")
        return [Month(*row) for row in rows]

    @transaction.atomic
    def recount(self, index, months: Iterable[date] | None = None) -> None:
        """Count again the articles of ``index`` in ``months``, or in all that there are."""
        # One at a time: of two publications at once, the second must see what the first wrote.
        type(index).objects.select_for_update(of=("self",)).only("pk").get(pk=index.pk)
        stale = self.filter(index=index)
        articles = ArticlePage.objects.child_of(index).open_to_all()
        if months is not None:
            months = set(months)
            stale = stale.filter(month__in=months)
            articles = articles.in_any_month(months)
        stale.delete()
        self.bulk_create(
            (ArchiveMonth(index=index, **row) for row in _count(articles)), batch_size=BATCH_SIZE
        )


def _count(articles: ArticlePageQuerySet) -> list[dict]:
    """The number of ``articles`` in each month, by category and goal or by any."""
    links = ArticlePage.goals.through.objects.filter(articlepage__in=articles.values("pk"))
    goals_of = defaultdict(list)
    for article_id, goal_id in links.values_list("articlepage_id", "goalpage_id"):
        goals_of[article_id].append(goal_id)
    counts: Counter = Counter()
    changes: dict = {}
    rows = articles.order_by().values_list("pk", "date", "category_id", "last_published_at")
    for pk, moment, category_id, published_at in rows.iterator(BATCH_SIZE):
        changed_at = published_at or moment
        # Each article counts under any category and its own, and under any goal and its own.
        for category in {None, category_id}:
            for goal in (None, *goals_of[pk]):
                key = (month_of(moment), category, goal)
                counts[key] += 1
                changes[key] = max(changes.get(key, changed_at), changed_at)
    return [
        {
            "month": month,
            "category_id": category,
            "goal_id": goal,
            "count": count,
            "changed_at": changes[month, category, goal],
        }
        for (month, category, goal), count in counts.items()
    ]


class ArchiveMonth(models.Model):
    """The number of published articles of one month, by category and goal or by any (null).

    Of all of them, whether an election withholds them now or not: ``Archive`` says what visitors
    may know. Kept by ``news.signals``; ``manage.py recount_news`` counts everything again.
    """

    index = models.ForeignKey(
        "news.NewsIndexPage", on_delete=models.CASCADE, related_name="+", editable=False
    )
    #: First day of the month.
    month = models.DateField(editable=False)
    category = models.ForeignKey(
        NewsCategory, on_delete=models.CASCADE, null=True, related_name="+", editable=False
    )
    goal = models.ForeignKey(
        GoalPage, on_delete=models.CASCADE, null=True, related_name="+", editable=False
    )
    count = models.PositiveIntegerField(editable=False)
    #: When one of the articles last changed.
    changed_at = models.DateTimeField(editable=False)

    objects = ArchiveMonthQuerySet.as_manager()

    class Meta:
        verbose_name = _("mês do arquivo")
        verbose_name_plural = _("meses do arquivo")
        indexes = [
            models.Index(fields=["index", "category", "goal", "-month"], name="archive_listing"),
            models.Index(fields=["index", "month"], name="archive_month"),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m}: {self.count}"


class Archive:
    """How many articles of an index visitors may see now, by month, category and goal."""

    def __init__(self, index):
        self.index = index

    def months(self, category=None, goal=None) -> list[Month]:
        """The months of the articles that have a category and serve a goal, newest first."""
        return kept(
            ("months", self.index.pk, category and category.pk, goal and goal.pk),
            lambda: ArchiveMonth.objects.of(self.index, category, goal).as_months(),
        )

    def totals(self, category, goal, first: date | None, last: date | None) -> Counter:
        """Articles from one month to another by category and goal: ``(category, goal): count``.

        Of each category beside ``goal``, and of each goal beside ``category``.
        """
        if not first:  # there are few of these, and many of all periods
            key = ("totals", self.index.pk, category and category.pk, goal and goal.pk)
            return kept(key, lambda: self._ask_totals(category, goal))
        return self._ask_totals(category, goal, month__gte=first, month__lte=last)

    def _ask_totals(self, category, goal, **period) -> Counter:
        counted = ArchiveMonth.objects.filter(
            Q(goal=goal, category__isnull=False) | Q(category=category, goal__isnull=False),
            index=self.index,
            **period,
        )
        rows = counted.values_list("category_id", "goal_id").annotate(total=Sum("count"))
        return Counter({(category, goal): total for category, goal, total in rows})


class ElectionArchive(Archive):
    """The same while an election withholds most articles: the few that are left are counted."""

    @cached_property
    def _rows(self) -> list[dict]:
        return _count(ArticlePage.objects.child_of(self.index).published())

    def months(self, category=None, goal=None):
        wanted = (category and category.pk, goal and goal.pk)
        return _newest_first(
            Month(row["month"], row["count"], row["changed_at"])
            for row in self._rows
            if (row["category_id"], row["goal_id"]) == wanted
        )

    def totals(self, category, goal, first, last):
        category_id, goal_id = category and category.pk, goal and goal.pk
        return Counter(
            {
                key: sum(row["count"] for row in rows)
                for key, rows in self._by_choice(first, last).items()
                if (key[1] == goal_id and key[0]) or (key[0] == category_id and key[1])
            }
        )

    def _by_choice(self, first, last) -> dict[tuple, list[dict]]:
        found = defaultdict(list)
        for row in self._rows:
            if not first or first <= row["month"] <= last:
                found[row["category_id"], row["goal_id"]].append(row)
        return found


def archive_of(index) -> Archive:
    return ElectionArchive(index) if current_election() else Archive(index)


def months_of_all_indexes() -> list[Month]:
    """The months of the articles in all languages that visitors may see now, newest first."""
    if current_election():
        rows = _count(ArticlePage.objects.published())
        return _newest_first(
            Month(row["month"], row["count"], row["changed_at"])
            for row in rows
            if (row["category_id"], row["goal_id"]) == (None, None)
        )
    counted = ArchiveMonth.objects.filter(category=None, goal=None).values("month")
    months = counted.annotate(total=Sum("count"), changed=Max("changed_at")).order_by("-month")
    return [Month(*row) for row in months.values_list("month", "total", "changed")]


def _newest_first(months: Iterable[Month]) -> list[Month]:
    return sorted(months, key=lambda month: month.first_day, reverse=True)


class Listing(Sequence):
    """Articles, newest first, as a sequence whose length and slices cost the same at any size.

    ``months`` are those of ``articles``: a slice reads only the months that it touches.
    """

    def __init__(self, articles: ArticlePageQuerySet, months: list[Month]):
        self.articles = articles
        self.months = months

    def whole(self) -> "Listing":
        """The same articles with all that is said in them."""
        return Listing(self.articles.whole(), self.months)

    def __len__(self):
        return sum(month.count for month in self.months)

    def count(self):
        return len(self)

    def __getitem__(self, key):
        if not isinstance(key, slice):
            return self[key : key + 1][0]
        start, stop, _step = key.indices(len(self))
        touched = []
        skipped = seen = 0
        for month in self.months:
            if seen >= stop:
                break
            if seen + month.count > start:
                touched.append(month.first_day)
            else:
                skipped += month.count
            seen += month.count
        if not touched or stop <= start:
            return []
        articles = self.articles.between_months(touched[-1], touched[0]).newest_first()
        return list(articles[start - skipped : stop - skipped])
