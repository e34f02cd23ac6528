from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from urllib.parse import urljoin

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import TranslatableMixin
from wagtail.search import index

from goals.models import GoalPage
from pages.blocks import BodyBlock
from pages.models import SitePage, SitePageManager, SitePageQuerySet
from pages.pagination import PARAMETER, paginate
from pages.picture import SHARING_SPEC, prefetch_renditions
from pages.structured_data import without_blanks

from .feeds import FEEDS, FeedLink


class NewsCategory(TranslatableMixin, models.Model):
    """What an article is about; the reader filters the news by it."""

    name = models.CharField(
        _("nome"), max_length=60, help_text=_("Curto e no singular. Exemplo: Cidades-irmãs.")
    )
    slug = models.SlugField(
        _("endereço"),
        max_length=60,
        help_text=_("Letras minúsculas sem acento, números e hífens. Aparece no filtro."),
    )

    panels = [FieldPanel("name"), FieldPanel("slug")]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("assunto")
        verbose_name_plural = _("assuntos")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["locale", "slug"], name="one_category_slug_per_locale")
        ]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        twins = NewsCategory.objects.filter(locale_id=self.locale_id, slug=self.slug)
        if self.slug and twins.exclude(pk=self.pk).exists():
            raise ValidationError({"slug": _("Já existe um assunto com este endereço.")})


class ArticlePageQuerySet(SitePageQuerySet):
    def newest_first(self):
        return self.order_by("-date", "-pk")

    def in_year(self, year: int):
        """Articles dated in ``year``, in the time zone of the office."""
        zone = timezone.get_default_timezone()
        start = timezone.datetime(year, 1, 1, tzinfo=zone)
        end = timezone.datetime(year + 1, 1, 1, tzinfo=zone)
        return self.filter(date__gte=start, date__lt=end)

    def in_category(self, category: NewsCategory):
        return self.filter(category=category)

    def serving(self, goal: GoalPage):
        """Articles that serve a goal."""
        return self.filter(goals=goal)

    def for_cards(self):
        """With what a listing draws of each article, and no more."""
        return self.defer("body", "cover_caption", "credits").select_related("category", "cover")


ArticlePageManager = SitePageManager.from_queryset(ArticlePageQuerySet)


def with_pictures(articles: Iterable["ArticlePage"], *presets: str) -> Iterable["ArticlePage"]:
    """``articles`` with the renditions of their covers, found together."""
    prefetch_renditions((article.cover for article in articles), *presets)
    return articles


@dataclass(frozen=True)
class NewsFilter:
    """What the reader asked the news index for."""

    year: int | None = None
    category: NewsCategory | None = None

    def apply(self, articles: ArticlePageQuerySet) -> ArticlePageQuerySet:
        if self.year:
            articles = articles.in_year(self.year)
        if self.category:
            articles = articles.in_category(self.category)
        return articles


class NewsIndexPage(RoutablePageMixin, SitePage):
    """The news, newest first, by year and category, and their feeds."""

    #: Addresses below this page that are not articles.
    reserved_slugs = ("rss", "atom")

    parent_page_types = ["pages.HomePage"]
    subpage_types = ["news.ArticlePage"]
    max_count_per_parent = 1
    page_description = _("A lista das notícias, com filtros e feeds.")
    canonical_parameters = ("ano", "assunto", PARAMETER)

    class Meta:
        verbose_name = _("lista de notícias")
        verbose_name_plural = _("listas de notícias")

    @path("")
    def index(self, request):
        return self.render(request, context_overrides=self.listing(request))

    @path("rss/", name="rss")
    def rss(self, request):
        return FEEDS["rss"](self)(request)

    @path("atom/", name="atom")
    def atom(self, request):
        return FEEDS["atom"](self)(request)

    def listing(self, request) -> dict:
        """What the index shows for the request's year, category and page.

        Raises ``Http404`` for a year or category that does not exist: such an address was never
        given out, and must not become one more page for search engines.
        """
        categories = self.categories
        years = self.years
        chosen = self._filter(request.GET, years, categories)
        articles = paginate(chosen.apply(self.articles).for_cards(), request)
        with_pictures(articles, "card")
        return {
            "articles": articles,
            "page_range": articles.elided_range,
            "years": years,
            "categories": categories,
            "current": chosen,
            "feeds": self.feeds,
        }

    def _filter(self, query, years, categories) -> NewsFilter:
        year = category = None
        if asked := query.get("ano", "").strip():
            year = next((year for year in years if str(year) == asked), None)
            if year is None:
                raise Http404(_("Não há notícias desse ano."))
        if asked := query.get("assunto", "").strip():
            category = next((category for category in categories if category.slug == asked), None)
            if category is None:
                raise Http404(_("Esse assunto não existe."))
        return NewsFilter(year, category)

    @cached_property
    def articles(self) -> ArticlePageQuerySet:
        return ArticlePage.objects.child_of(self).published().newest_first()

    @cached_property
    def years(self) -> list[int]:
        """Years that have articles, newest first."""
        moments = self.articles.order_by().datetimes(
            "date", "year", order="DESC", tzinfo=timezone.get_default_timezone()
        )
        return [moment.year for moment in moments]

    @cached_property
    def categories(self) -> list[NewsCategory]:
        """Categories that have articles, by name."""
        used = self.articles.order_by().filter(category=OuterRef("pk"))
        return list(NewsCategory.objects.filter(Exists(used)).order_by("name"))

    @property
    def feeds(self) -> list[FeedLink]:
        return [feed(self).as_link() for feed in FEEDS.values()]


class ArticlePage(SitePage):
    """A news item."""

    date = models.DateTimeField(
        _("data da notícia"),
        default=timezone.now,
        help_text=_("A data que o leitor vê e que põe as notícias em ordem."),
    )
    category = models.ForeignKey(
        NewsCategory,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name=_("assunto"),
    )
    cover = models.ForeignKey(
        "pages.SiteImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imagem de capa"),
        help_text=_("Deitada, com ao menos 1680 pontos de largura. Marque o ponto de interesse."),
    )
    cover_caption = models.CharField(_("legenda da capa"), max_length=250, blank=True)
    credits = models.CharField(
        _("créditos"),
        max_length=250,
        blank=True,
        help_text=_("Quem escreveu ou de onde vem o texto."),
    )
    goals = ParentalManyToManyField(
        "goals.GoalPage",
        blank=True,
        related_name="articles",
        verbose_name=_("metas"),
        help_text=_("As metas da Assessoria a que a notícia serve."),
    )
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("texto"))

    objects = ArticlePageManager()

    parent_page_types = ["news.NewsIndexPage"]
    subpage_types = []
    page_description = _("Uma notícia.")
    listed_in_site_map = False
    open_graph_type = "article"
    drawn_with = (*SitePage.drawn_with, "category", "cover")
    picture_presets = (*SitePage.picture_presets, "cover", "card")

    content_panels = [
        *SitePage.content_panels,
        FieldRowPanel([FieldPanel("date"), FieldPanel("category")]),
        MultiFieldPanel(
            [FieldPanel("cover"), FieldPanel("cover_caption")], heading=_("Imagem de capa")
        ),
        FieldPanel("body"),
        FieldPanel("credits"),
        FieldPanel("goals"),
    ]

    search_fields = [
        *SitePage.search_fields,
        index.SearchField("body"),
        index.SearchField("credits"),
        index.FilterField("date"),
        index.FilterField("category"),
    ]

    class Meta:
        verbose_name = _("notícia")
        verbose_name_plural = _("notícias")
        indexes = [
            models.Index(fields=["-date"], name="article_date"),
            models.Index(fields=["category", "-date"], name="article_category_date"),
        ]

    def clean(self):
        super().clean()
        if self.slug in NewsIndexPage.reserved_slugs:
            raise ValidationError({"slug": _("Este endereço é usado pelo site. Escolha outro.")})

    def structured_data(self, root_url):
        article = {
            "@type": "NewsArticle",
            "@id": f"{self.full_url}#noticia",
            "headline": self.title,
            "description": self.meta_description,
            "datePublished": self.date.isoformat(),
            "dateModified": max(self.date, self.last_published_at or self.date).isoformat(),
            "inLanguage": self.language_code,
            "mainEntityOfPage": self.full_url,
            "articleSection": self.category.name if self.category else "",
            "author": {"@id": f"{root_url}/#organizacao"},
            "publisher": {"@id": f"{root_url}/#organizacao"},
        }
        if self.sharing_image:
            image = self.sharing_image.get_rendition(SHARING_SPEC)
            article["image"] = [urljoin(self.full_url, image.url)]
        return [without_blanks(article)]

    @cached_property
    def goals_published(self) -> list[GoalPage]:
        """The goals this article serves that visitors may see, in the goals' order."""
        served = self.goals.all()
        # In a preview the goals are those of the form, held in memory.
        is_stored = isinstance(served, models.QuerySet)
        ids = served.values("pk") if is_stored else [goal.pk for goal in served]
        return list(GoalPage.objects.published().filter(pk__in=ids).in_order().for_cards())

    def pictures(self):
        return [*super().pictures(), *(article.cover for article in self.related)]

    @property
    def was_updated(self) -> bool:
        """Whether the text changed on a later day than the one the article bears."""
        if not self.last_published_at or not self.date:
            return False
        first = max(self.date, self.first_published_at or self.date)
        return timezone.localdate(self.last_published_at) > timezone.localdate(first)

    @property
    def lead_image(self):
        return self.cover

    @property
    def siblings(self) -> ArticlePageQuerySet:
        return ArticlePage.objects.sibling_of(self, inclusive=False).published()

    @cached_property
    def _near(self) -> list["ArticlePage"]:
        """The articles just before and after this one and the newest alike, in one query."""
        earlier = Q(date__lt=self.date) | Q(date=self.date, pk__lt=self.pk)
        later = Q(date__gt=self.date) | Q(date=self.date, pk__gt=self.pk)
        alike = Q(category=self.category_id) if self.category_id else Q(pk__in=[])
        if goals := self.goals_published:
            links = ArticlePage.goals.through.objects.filter(goalpage__in=goals)
            alike |= Exists(links.filter(articlepage=OuterRef("pk")))
        wanted = (
            self.siblings.filter(earlier).newest_first()[:1],
            self.siblings.filter(later).order_by("date", "pk")[:1],
            self.siblings.filter(alike).newest_first()[:RELATED_COUNT],
        )
        found = ArticlePage.objects.filter(
            reduce(or_, (Q(pk__in=articles.values("pk")) for articles in wanted))
        )
        is_alike = ExpressionWrapper(alike, models.BooleanField())
        return list(found.annotate(is_alike=is_alike).for_cards().newest_first())

    @property
    def related(self) -> list["ArticlePage"]:
        """The newest articles that serve a same goal or have the same category."""
        return [article for article in self._near if article.is_alike][:RELATED_COUNT]

    @property
    def neighbours(self) -> "Neighbours":
        """The articles published just before and just after this one."""
        here = (self.date, self.pk)
        earlier = [article for article in self._near if (article.date, article.pk) < here]
        later = [article for article in self._near if (article.date, article.pk) > here]
        return Neighbours(earlier[0] if earlier else None, later[-1] if later else None)


#: Articles offered below an article.
RELATED_COUNT = 3


@dataclass
class Neighbours:
    previous: ArticlePage | None = None
    next: ArticlePage | None = None
