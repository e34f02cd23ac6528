from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import InlinePanel, PageChooserPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path, re_path
from wagtail.models import Orderable

from goals.models import GoalPage, public_goals
from pages.dates import month_name
from pages.in_force import current_election
from pages.kept import kept
from pages.limits import count_request
from pages.models import SitePage
from pages.pagination import PARAMETER, note_if_linked, paginate

from ..feeds import FEEDS, FeedLink, feed_links, feed_path, feed_response
from .archive import Archive, Month, archive_of
from .article import ArticlePage, ArticlePageQuerySet, with_pictures
from .category import NewsCategory
from .selection import NewsFilter, Selection, select

#: Articles that an editor may pin to the top of the index.
MAX_PINNED = 3
#: Longest text to filter by; the rest of a longer one is ignored rather than refused.
MAX_WORDS_LENGTH = 200


@dataclass(frozen=True)
class Choice:
    """A value of a filter, with how many articles it would show."""

    value: str
    label: str
    #: None where there are too many to count.
    count: int | None
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
    canonical_parameters = ("q", "assunto", "meta", PARAMETER)

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
        count_request(request, "feeds")
        return feed_response(request, self, name, NewsFilter())

    @re_path(
        rf"^assunto/(?P<category_slug>[\w-]+)/(?P<name>{'|'.join(FEEDS)})/$", name="category_feed"
    )
    def category_feed(self, request, category_slug, name):
        count_request(request, "feeds")
        category = self._find(category_slug, self._categories, _("Esse assunto não existe."))
        return feed_response(request, self, name, NewsFilter(category=category))

    def get_route_paths(self):
        """All addresses of the index, for redirects to be made when its own changes."""
        months = [NewsFilter(day.year, day.month) for day in self._first_days]
        years = [NewsFilter(year) for year in dict.fromkeys(month.year for month in months)]
        feeds = [feed_path(name, each) for each in (None, *self._categories) for name in FEEDS]
        parts = ["arquivo/", *feeds, *(each.path for each in years + months)]
        return ["/", *(f"/{part}" for part in parts)]

    def get_cached_paths(self):
        """The same, for a CDN to forget when an article changes."""
        return self.get_route_paths()

    def _serve(self, request, year: str = "", month: str = ""):
        asked = request.GET
        if asked or year:
            count_request(request, "lists")
        chosen = self._filter(
            asked.get("ano") or year,
            asked.get("mes") or month,
            asked.get("assunto", ""),
            asked.get("meta", ""),
            asked.get("q", ""),
        )
        blank = [name for name in ("q", "assunto", "meta") if asked.get(name) == ""]
        if blank or not {"ano", "mes"}.isdisjoint(asked):
            # The form's own address has blanks in it, and the period as two fields.
            return HttpResponseRedirect(self.get_url(request) + chosen.address)
        return self.render(request, context_overrides=self._listing_context(request, chosen))

    def _filter(
        self, year: str, month: str, category_slug: str, goal_slug: str, words: str
    ) -> NewsFilter:
        """What the address asks for.

        Raises ``Http404`` for a year, month, category or goal that does not exist: such an address
        was never given out, and must not become one more page for search engines.
        """
        year, month = year.strip(), month.strip()
        years = {str(first_day.year) for first_day in self._first_days}
        if year and year not in years and not self._is_withheld(year):
            raise Http404(_("Não há notícias desse ano."))
        if month and month.lstrip("0") not in map(str, range(1, 13)):
            raise Http404(_("Esse mês não existe."))
        return NewsFilter(
            year=int(year) if year else None,
            month=int(month) if year and month else None,
            category=self._find(category_slug, self._categories, _("Esse assunto não existe.")),
            goal=self._find(goal_slug, self._goals, _("Essa meta não existe.")),
            words=" ".join(words.replace("\x00", " ")[:MAX_WORDS_LENGTH].split()),
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

    def listing(self, chosen: NewsFilter | None = None) -> Sequence:
        """The articles asked for, as a sequence that a paginator can cut anywhere."""
        return select(self, chosen or NewsFilter()).listing

    @cached_property
    def counted(self) -> Archive:
        return archive_of(self)

    @cached_property
    def all_months(self) -> list[Month]:
        return self.counted.months()

    @property
    def _first_days(self) -> list[date]:
        return [month.first_day for month in self.all_months]

    @cached_property
    def _categories(self) -> list[NewsCategory]:
        """The categories of the index's language, by name."""
        return kept(
            ("categories", self.locale_id),
            lambda: list(NewsCategory.objects.filter(locale_id=self.locale_id).order_by("name")),
        )

    @cached_property
    def _goals(self) -> list[GoalPage]:
        """The goals of the index's language that visitors may see, in their order."""
        return [goal for goal in public_goals() if goal.locale_id == self.locale_id]

    def _is_withheld(self, year: str) -> bool:
        """Whether an election withholds all news of a year, whose address is there all the same."""
        return bool(
            current_election()
            and year in {str(month.first_day.year) for month in Archive(self).months()}
        )

    @property
    def pinned(self) -> list[ArticlePage]:
        """The articles that the editors pinned, in their order, when visitors may see them."""
        pins = self.pinned_articles.all()
        articles = ArticlePage.objects.published().for_cards()
        if isinstance(pins, models.QuerySet):
            chosen = articles.filter(pins__page=self).order_by("pins__sort_order")
            return list(dict.fromkeys(chosen))  # one may be chosen twice
        # In a preview the choices are those of the form, held in memory.
        by_id = articles.in_bulk([pin.article_id for pin in pins])
        return [by_id[pin.article_id] for pin in pins if pin.article_id in by_id]

    # What the index shows --------------------------------------------------------------------

    def _listing_context(self, request, chosen: NewsFilter) -> dict:
        selection = select(self, chosen)
        articles = paginate(selection.listing, request)
        # Words are anybody's, and categories beside goals too many to be kept.
        if len(chosen.query) <= 1 and not chosen.words:
            note_if_linked(request, articles, chosen.query)
        is_front = not chosen and articles.number == 1
        pinned = self.pinned if is_front else []
        with_pictures([*pinned, *articles], "card")
        self._name_part(chosen)
        self.is_noindex = bool(chosen.words) or not articles
        return {
            "articles": articles,
            "page_range": articles.elided_range,
            "pinned": pinned,
            "current": chosen,
            "selection": selection,
            "heading": self.part_title or self.title,
            **self._choices(selection),
            "wider": self._wider(selection) if not articles else [],
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
        if chosen.words:
            about.append(f"“{chosen.words}”")
        self.part_title = f"{title}: {', '.join(about)}" if about else title
        self.part_path = chosen.path
        if chosen.year:
            self.part_trail = [(str(chosen.year), f"{chosen.year}/")]
        if chosen.month:
            self.part_trail.append((month_name(chosen.period), chosen.path))

    @cached_property
    def _url(self) -> str:
        return self.url

    def _choices(self, selection: Selection) -> dict[str, list[Choice]]:
        """What may be chosen, by its name in the template; the same on all pages of all news."""

        def make():
            return {
                "years": self._years(selection),
                "months": self._months_of_year(selection),
                "categories": self._categories_beside(selection),
                "goals": self._goals_beside(selection),
            }

        return make() if selection.chosen else kept(("choices", self.pk, self._url), make)

    def _choice(
        self, value, label, count: int | None, is_chosen: bool, chosen: NewsFilter
    ) -> Choice:
        return Choice(str(value), str(label), count, is_chosen, self._url + chosen.address)

    def _years(self, selection: Selection) -> list[Choice]:
        """Every year that has articles, newest first, with how many are of what is asked for."""
        chosen = selection.chosen
        counts = Counter({day.year: 0 for day in self._first_days})
        for month in selection.months:
            counts[month.first_day.year] += month.count
        return [
            self._choice(
                year,
                year,
                count if selection.is_counted else None,
                year == chosen.year,
                replace(chosen, year=year, month=None),
            )
            for year, count in counts.items()
        ]

    def _months_of_year(self, selection: Selection) -> list[Choice]:
        """The months of the year asked for that have articles, January first."""
        chosen = selection.chosen
        months = selection.months if selection.is_counted else self.all_months
        return [
            self._choice(
                f"{month.first_day:%m}",
                month_name(month.first_day),
                month.count if selection.is_counted else None,
                month.first_day.month == chosen.month,
                replace(chosen, month=month.first_day.month),
            )
            for month in reversed(months)
            if month.first_day.year == chosen.year
        ]

    def _categories_beside(self, selection: Selection) -> list[Choice]:
        goal = selection.chosen.goal
        goal_id = goal and goal.pk
        return self._beside(
            selection, "category", self._categories, lambda category: (category.pk, goal_id)
        )

    def _goals_beside(self, selection: Selection) -> list[Choice]:
        category = selection.chosen.category
        category_id = category and category.pk
        return self._beside(selection, "goal", self._goals, lambda goal: (category_id, goal.pk))

    def _beside(self, selection: Selection, field: str, things: list, key: Callable):
        """What would show something beside the other filters; what is chosen is among it."""
        chosen, totals = selection.chosen, selection.totals
        current = getattr(chosen, field)
        return [
            self._choice(
                thing.slug,
                thing,
                totals[key(thing)] if selection.is_counted else None,
                thing == current,
                replace(chosen, **{field: thing}),
            )
            for thing in things
            if not selection.is_counted or totals[key(thing)] or thing == current
        ]

    def _wider(self, selection: Selection) -> list[Choice]:
        """Ways on from an empty listing."""
        return [
            self._choice("", self._describe(way), count, False, way)
            for way, count in selection.wider.items()
        ]

    def _describe(self, chosen: NewsFilter) -> str:
        words = f"“{chosen.words}”" if chosen.words else ""
        parts = [words, chosen.period_name, chosen.category, chosen.goal]
        return ", ".join(str(part) for part in parts if part) or gettext("Todas as notícias")

    def _archive_years(self) -> list[ArchiveYear]:
        return [
            ArchiveYear(
                year, self._months_of_year(Selection(self, NewsFilter(year=int(year.value))))
            )
            for year in self._years(Selection(self, NewsFilter()))
        ]

    @property
    def feeds(self) -> list[FeedLink]:
        return feed_links(self)


class PinnedArticle(Orderable):
    """An article that the editors keep at the top of the news index."""

    page = ParentalKey(NewsIndexPage, on_delete=models.CASCADE, related_name="pinned_articles")
    article = models.ForeignKey(
        ArticlePage, on_delete=models.CASCADE, related_name="pins", verbose_name=_("notícia")
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
