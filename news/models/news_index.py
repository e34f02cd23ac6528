from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.http import Http404, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import InlinePanel, PageChooserPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path, re_path
from wagtail.models import Orderable

from goals.models import GoalPage
from pages.dates import month_and_year, month_name
from pages.models import SitePage
from pages.pagination import PARAMETER, paginate

from ..feeds import FEEDS, FeedLink, feed_links, feed_path, feed_response
from .archive import ArchiveMonth, Listing, Month
from .article import ArticlePage, ArticlePageQuerySet, with_pictures
from .category import NewsCategory

#: Articles that an editor may pin to the top of the index.
MAX_PINNED = 3


@dataclass(frozen=True)
class NewsFilter:
    """What the reader asked the news index for."""

    year: int | None = None
    month: int | None = None
    category: NewsCategory | None = None
    goal: GoalPage | None = None

    def __bool__(self):
        return self != NewsFilter()

    @property
    def period(self) -> date | None:
        """The first day of the year or month asked for."""
        return date(self.year, self.month or 1, 1) if self.year else None

    @property
    def period_name(self) -> str:
        if not self.year:
            return ""
        return month_and_year(self.period) if self.month else str(self.year)

    @property
    def query(self) -> dict[str, str]:
        """What follows the question mark in the address of the listing."""
        values = {
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

    def holds(self, month: Month) -> bool:
        """Whether ``month`` is in the period asked for."""
        day = month.first_day
        return (not self.year or day.year == self.year) and (
            not self.month or day.month == self.month
        )

    def apply(self, articles: ArticlePageQuerySet) -> ArticlePageQuerySet:
        """The articles of the category and goal; the period is the listing's matter."""
        if self.category:
            articles = articles.in_category(self.category)
        if self.goal:
            articles = articles.serving(self.goal)
        return articles


@dataclass(frozen=True)
class Choice:
    """A value of a filter, with how many articles it would show."""

    value: str
    label: str
    count: int
    is_chosen: bool
    url: str


@dataclass(frozen=True)
class ArchiveYear:
    choice: Choice
    months: list[Choice]


class NewsIndexPage(RoutablePageMixin, SitePage):
    """The news, newest first, by year, month, category and goal, and their feeds."""

    parent_page_types = ["pages.HomePage"]
    subpage_types = ["news.ArticlePage"]
    max_count_per_parent = 1
    page_description = _("A lista das notícias, com filtros e feeds.")
    canonical_parameters = ("assunto", "meta", PARAMETER)

    content_panels = [
        *SitePage.content_panels,
        InlinePanel(
            "pinned_articles",
            heading=_("Em destaque"),
            label=_("notícia em destaque"),
            max_num=MAX_PINNED,
            help_text=_(
                "Até três notícias que ficam no alto da primeira página, na ordem escolhida, "
                "enquanto estiverem aqui. Continuam também na lista, na sua data."
            ),
        ),
    ]

    class Meta:
        verbose_name = _("lista de notícias")
        verbose_name_plural = _("listas de notícias")

    # Addresses -----------------------------------------------------------------------------

    @path("")
    def index(self, request):
        return self._serve(request)

    @re_path(r"^(?P<year>\d{4})/$", name="year")
    def year(self, request, year):
        return self._serve(request, year)

    @re_path(r"^(?P<year>\d{4})/(?P<month>\d{2})/$", name="month")
    def month(self, request, year, month):
        return self._serve(request, year, month)

    @path("arquivo/", name="archive")
    def archive(self, request):
        self.part_trail = [(gettext("Arquivo"), "arquivo/")]
        return self.render(
            request,
            template="news/news_archive.html",
            context_overrides={"years": self._archive_years()},
        )

    @re_path(rf"^(?P<name>{'|'.join(FEEDS)})/$", name="feed")
    def feed(self, request, name):
        return feed_response(request, self, name, NewsFilter())

    @re_path(
        rf"^assunto/(?P<category_slug>[\w-]+)/(?P<name>{'|'.join(FEEDS)})/$", name="category_feed"
    )
    def category_feed(self, request, category_slug, name):
        category = self._find(category_slug, self._categories, _("Esse assunto não existe."))
        return feed_response(request, self, name, NewsFilter(category=category))

    def get_route_paths(self):
        """All addresses of the index, for redirects to be made when its own changes."""
        months = [NewsFilter(day.year, day.month) for day in self._first_days]
        years = [NewsFilter(year) for year in dict.fromkeys(month.year for month in months)]
        feeds = [feed_path(name, each) for each in (None, *self._categories) for name in FEEDS]
        parts = ["arquivo/", *feeds, *(each.path for each in years + months)]
        return ["/", *(f"/{part}" for part in parts)]

    def _serve(self, request, year: str = "", month: str = ""):
        asked = request.GET
        chosen = self._filter(
            asked.get("ano") or year,
            asked.get("mes") or month,
            asked.get("assunto", ""),
            asked.get("meta", ""),
        )
        if not {"ano", "mes"}.isdisjoint(asked) or "" in (asked.get("assunto"), asked.get("meta")):
            # The form's own address has blanks in it, and the period as two fields.
            return HttpResponseRedirect(self.get_url(request) + chosen.address)
        return self.render(request, context_overrides=self._listing_context(request, chosen))

    def _filter(self, year: str, month: str, category_slug: str, goal_slug: str) -> NewsFilter:
        """What the address asks for.

        Raises ``Http404`` for a year, month, category or goal that does not exist: such an address
        was never given out, and must not become one more page for search engines.
        """
        year, month = year.strip(), month.strip()
        years = {str(first_day.year) for first_day in self._first_days}
        if year and year not in years:
            raise Http404(_("Não há notícias desse ano."))
        if month and month.lstrip("0") not in map(str, range(1, 13)):
            raise Http404(_("Esse mês não existe."))
        return NewsFilter(
            year=int(year) if year else None,
            month=int(month) if year and month else None,
            category=self._find(category_slug, self._categories, _("Esse assunto não existe.")),
            goal=self._find(goal_slug, self._goals, _("Essa meta não existe.")),
        )

    @staticmethod
    def _find(slug: str, things: list, message: str):
        slug = slug.strip()
        if not slug:
            return None
        found = next((thing for thing in things if thing.slug == slug), None)
        if found is None:
            raise Http404(message)
        return found

    # Articles ------------------------------------------------------------------------------

    @cached_property
    def articles(self) -> ArticlePageQuerySet:
        return ArticlePage.objects.child_of(self).published().newest_first()

    def listing(self, chosen: NewsFilter | None = None) -> Listing:
        """The articles asked for, as a sequence that a paginator can cut anywhere."""
        chosen = chosen or NewsFilter()
        months = self._months(chosen)
        return Listing(
            chosen.apply(self.articles).for_cards(), [m for m in months if chosen.holds(m)]
        )

    def _months(self, chosen: NewsFilter) -> list[Month]:
        """The months of the category and goal asked for, whatever the period."""
        if chosen.category or chosen.goal:
            return ArchiveMonth.objects.of(self, chosen.category, chosen.goal).as_months()
        return self._all_months

    @cached_property
    def _all_months(self) -> list[Month]:
        return ArchiveMonth.objects.of(self).as_months()

    @property
    def _first_days(self) -> list[date]:
        return [month.first_day for month in self._all_months]

    @cached_property
    def _categories(self) -> list[NewsCategory]:
        """The categories of the index's language, by name."""
        return list(NewsCategory.objects.filter(locale_id=self.locale_id).order_by("name"))

    @cached_property
    def _goals(self) -> list[GoalPage]:
        """The goals of the index's language that visitors may see, in their order."""
        return list(GoalPage.objects.published().in_language_of(self).in_order().for_cards())

    @property
    def pinned(self) -> list[ArticlePage]:
        """The articles that the editors pinned, in their order, when visitors may see them."""
        pins = self.pinned_articles.all()
        articles = ArticlePage.objects.published().for_cards()
        if isinstance(pins, models.QuerySet):
            place = pins.filter(article=OuterRef("pk")).values("sort_order")[:1]
            chosen = articles.filter(pk__in=pins.order_by().values("article"))
            return list(chosen.annotate(place=Subquery(place)).order_by("place"))
        # In a preview the choices are those of the form, held in memory.
        by_id = articles.in_bulk([pin.article_id for pin in pins])
        return [by_id[pin.article_id] for pin in pins if pin.article_id in by_id]

    # What the index shows --------------------------------------------------------------------

    def _listing_context(self, request, chosen: NewsFilter) -> dict:
        listing = self.listing(chosen)
        articles = paginate(listing, request)
        is_front = not chosen and articles.number == 1
        pinned = self.pinned if is_front else []
        with_pictures([*pinned, *articles], "card")
        self._name_part(chosen)
        self.is_noindex = not articles
        months = self._months(chosen)
        return {
            "articles": articles,
            "page_range": articles.elided_range,
            "pinned": pinned,
            "current": chosen,
            "heading": self.part_title or self.title,
            "years": self._years(chosen, months),
            "months": self._months_of_year(chosen, months),
            **self._facets(chosen),
            "wider": self._wider(chosen) if chosen and not articles else [],
            "feeds": feed_links(self, chosen.category),
        }

    def _name_part(self, chosen: NewsFilter) -> None:
        """Say in the title and the trail what part of the news is shown."""
        if not chosen:
            return
        title = self.title
        if chosen.year:
            title = gettext("%(title)s de %(period)s") % {
                "title": title,
                "period": chosen.period_name,
            }
        about = [str(thing) for thing in (chosen.category, chosen.goal) if thing]
        self.part_title = f"{title}: {', '.join(about)}" if about else title
        self.part_path = chosen.path
        if chosen.year:
            self.part_trail = [(str(chosen.year), f"{chosen.year}/")]
        if chosen.month:
            self.part_trail.append((month_name(chosen.period), chosen.path))

    def _choice(self, value, label, count: int, is_chosen: bool, chosen: NewsFilter) -> Choice:
        return Choice(str(value), str(label), count, is_chosen, self.url + chosen.address)

    def _years(self, chosen: NewsFilter, months: list[Month]) -> list[Choice]:
        """Every year that has articles, newest first, with how many are of what is asked for."""
        counts = dict.fromkeys((day.year for day in self._first_days), 0)
        for month in months:
            counts[month.first_day.year] += month.count
        return [
            self._choice(
                year, year, count, year == chosen.year, replace(chosen, year=year, month=None)
            )
            for year, count in counts.items()
        ]

    def _months_of_year(self, chosen: NewsFilter, months: list[Month]) -> list[Choice]:
        """The months of the year asked for that have articles, January first."""
        return [
            self._choice(
                f"{month.first_day:%m}",
                month_name(month.first_day),
                month.count,
                month.first_day.month == chosen.month,
                replace(chosen, month=month.first_day.month),
            )
            for month in reversed(months)
            if month.first_day.year == chosen.year
        ]

    def _facets(self, chosen: NewsFilter) -> dict[str, list[Choice]]:
        """The categories and goals that would show something beside the other filters.

        What is chosen is always among them.
        """
        counted = ArchiveMonth.objects.filter(
            Q(goal=chosen.goal, category__isnull=False)
            | Q(category=chosen.category, goal__isnull=False),
            index=self,
        )
        if chosen.year:
            last = date(chosen.year, chosen.month or 12, 1)
            counted = counted.filter(month__gte=chosen.period, month__lte=last)
        totals = {
            (category_id, goal_id): total
            for category_id, goal_id, total in counted.values_list(
                "category_id", "goal_id"
            ).annotate(total=Sum("count"))
        }
        category_id, goal_id = (thing and thing.pk for thing in (chosen.category, chosen.goal))

        def choices(field: str, things: list, key: Callable) -> list[Choice]:
            current = getattr(chosen, field)
            return [
                self._choice(
                    thing.slug,
                    thing,
                    totals.get(key(thing), 0),
                    thing == current,
                    replace(chosen, **{field: thing}),
                )
                for thing in things
                if key(thing) in totals or thing == current
            ]

        return {
            "categories": choices("category", self._categories, lambda each: (each.pk, goal_id)),
            "goals": choices("goal", self._goals, lambda each: (category_id, each.pk)),
        }

    def _wider(self, chosen: NewsFilter) -> list[Choice]:
        """Ways on from an empty listing: each filter taken away, where that shows something."""
        ways = [
            replace(chosen, **{name: None})
            for name in ("month", "category", "goal")
            if getattr(chosen, name)
        ]
        if chosen.year:
            ways.append(replace(chosen, year=None, month=None))
        choices = [
            self._choice("", self._describe(way), len(self.listing(way)), False, way)
            for way in ways
        ]
        return [choice for choice in choices if choice.count]

    def _describe(self, chosen: NewsFilter) -> str:
        parts = [chosen.period_name, chosen.category, chosen.goal]
        return ", ".join(str(part) for part in parts if part) or gettext("Todas as notícias")

    def _archive_years(self) -> list[ArchiveYear]:
        every = NewsFilter()
        return [
            ArchiveYear(
                choice, self._months_of_year(NewsFilter(year=int(choice.value)), self._all_months)
            )
            for choice in self._years(every, self._all_months)
        ]

    @property
    def feeds(self) -> list[FeedLink]:
        return feed_links(self)


class PinnedArticle(Orderable):
    """An article that the editors keep at the top of the news index."""

    page = ParentalKey(NewsIndexPage, on_delete=models.CASCADE, related_name="pinned_articles")
    article = models.ForeignKey(
        ArticlePage, on_delete=models.CASCADE, related_name="+", verbose_name=_("notícia")
    )

    panels = [PageChooserPanel("article", "news.ArticlePage")]

    class Meta(Orderable.Meta):
        verbose_name = _("notícia em destaque")
        verbose_name_plural = _("notícias em destaque")

    def __str__(self):
        return self.article.title

    def clean(self):
        super().clean()
        if self.article_id and self.page_id and not self.article.path.startswith(self.page.path):
            raise ValidationError({"article": _("Escolha uma notícia desta lista.")})
