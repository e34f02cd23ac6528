import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.search import index

from goals.models import GoalPage
from pages.blocks import CAPTION_FEATURES, BodyBlock
from pages.languages import html_language
from pages.models import SitePage, SitePageManager, SitePageQuerySet
from pages.picture import SHARING_SPEC, prefetch_renditions
from pages.publicity import PublicityMixin
from pages.structured_data import without_blanks

from .category import NewsCategory

if TYPE_CHECKING:
    from .nearby import Nearby


def month_of(moment: datetime) -> date:
    """The first day of the month of ``moment`` in the time zone of the office."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date().replace(day=1)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


class ArticlePageQuerySet(SitePageQuerySet):
    def newest_first(self):
        return self.order_by("-date", "-pk")

    def between_months(self, first: date, last: date):
        """Articles dated from the month of ``first`` to that of ``last``, two first days."""
        return self.filter(date__gte=_start_of(first), date__lt=_start_of(next_month(last)))

    def in_any_month(self, months: Iterable[date]):
        """Articles dated in any of the months that begin on these days."""
        ranges = (
            Q(date__gte=_start_of(month), date__lt=_start_of(next_month(month))) for month in months
        )
        return self.filter(reduce(or_, ranges, Q(pk__in=[])))

    def in_category(self, category: NewsCategory):
        return self.filter(category=category)

    def serving(self, goal: GoalPage):
        """Articles that serve a goal."""
        return self.filter(goals=goal)

    def for_cards(self):
        """With what a listing draws of each article, and no more."""
        return self.defer("body", "cover_caption", "credits", "corrections").select_related(
            "category", "cover"
        )

    def whole(self):
        """With all that is said in each article, for those who read it elsewhere."""
        return self.defer(None).select_related("category", "cover", "locale")


ArticlePageManager = SitePageManager.from_queryset(ArticlePageQuerySet)


def category_mark(pk: int) -> str:
    """The word that narrows a search to the articles of a category."""
    return f"assunto{pk}"


def goal_mark(pk: int | str) -> str:
    """The word that narrows a search to the articles that serve a goal."""
    return f"meta{pk}"


def goals_in(marks: str) -> frozenset[int]:
    """The keys of the goals among ``marks``, words joined by spaces."""
    mark = goal_mark("")
    return frozenset(int(word.removeprefix(mark)) for word in marks.split() if mark in word)


def with_pictures(articles: Iterable["ArticlePage"], *presets: str) -> Iterable["ArticlePage"]:
    """``articles`` with the renditions of their covers, found together."""
    prefetch_renditions((article.cover, name) for article in articles for name in presets)
    return articles


#: Addresses below the index that are not articles: its feeds, its archive, its years.
RESERVED_SLUGS = re.compile(r"arquivo|atom|csv|json|rss|assunto|\d{4}")


class ArticlePage(PublicityMixin, SitePage):
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
    corrections = RichTextField(
        _("correções"),
        features=CAPTION_FEATURES,
        blank=True,
        help_text=_(
            "O que estava errado e foi corrigido depois da publicação, e quando. "
            "Aparece no fim do texto. Erros de digitação não precisam de nota."
        ),
    )

    objects = ArticlePageManager()

    parent_page_types = ["news.NewsIndexPage"]
    subpage_types = []
    page_description = _("Uma notícia.")
    listed_in_site_map = False
    lead_image_field = "cover"
    lead_image_role = "article_cover"
    open_graph_type = "article"
    drawn_with = (*SitePage.drawn_with, "category", "cover")

    content_panels = [
        *SitePage.content_panels,
        FieldRowPanel(
            [
                FieldPanel(
                    "date",
                    help_text=_(
                        "A data que o leitor vê e que põe as notícias em ordem. Ela não adia a "
                        "publicação: para isso, agende. Uma notícia agendada para depois desta "
                        "data recebe, ao ser publicada pela primeira vez, a data do agendamento."
                    ),
                ),
                FieldPanel("category"),
            ]
        ),
        MultiFieldPanel(
            [FieldPanel("cover"), FieldPanel("cover_caption")], heading=_("Imagem de capa")
        ),
        FieldPanel("body"),
        FieldPanel("credits"),
        FieldPanel("goals"),
        FieldPanel("corrections"),
        FieldPanel("is_publicity"),
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
            models.Index(fields=["-date", "-page_ptr"], name="article_newest"),
            models.Index(fields=["category", "-date", "-page_ptr"], name="article_category_newest"),
            # Few: what elections leave.
            models.Index(
                fields=["-date", "-page_ptr"],
                condition=Q(is_publicity=False),
                name="article_exempt_newest",
            ),
        ]

    def clean(self):
        super().clean()
        if RESERVED_SLUGS.fullmatch(self.slug):
            raise ValidationError({"slug": _("Este endereço é usado pelo site. Escolha outro.")})

    @classmethod
    def search_marks(cls, pages):
        marks = {
            page.pk: [category_mark(page.category_id)] if page.category_id else [] for page in pages
        }
        links = cls.goals.through.objects.filter(articlepage__in=marks)
        for article_id, goal_id in links.values_list("articlepage_id", "goalpage_id"):
            marks[article_id].append(goal_mark(goal_id))
        return marks

    def structured_data(self, root_url):
        article = {
            "@type": "NewsArticle",
            "@id": f"{self.full_url}#noticia",
            "headline": self.title,
            "description": self.meta_description,
            "datePublished": self.date.isoformat(),
            "dateModified": self.updated_at.isoformat(),
            "inLanguage": html_language(self.language_code),
            "mainEntityOfPage": self.full_url,
            "articleSection": self.category.name if self.category else "",
            "author": {"@id": f"{root_url}/#organizacao"},
            "publisher": {"@id": f"{root_url}/#organizacao"},
        }
        image = self.sharing_image
        if image and (rendition := image.version(SHARING_SPEC)):
            article["image"] = [urljoin(self.full_url, rendition.url)]
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
        related = ((article.cover, "card") for article in self.nearby.related)
        return [*super().pictures(), *related]

    @property
    def updated_at(self) -> datetime:
        return max(self.date, self.last_published_at or self.date)

    @property
    def updated_on(self) -> "date | None":
        """The day when the text last changed, if later than the one the article bears."""
        if not self.last_published_at or not self.date:
            return None
        first = max(self.date, self.first_published_at or self.date)
        day = timezone.localdate(self.last_published_at)
        return day if day > timezone.localdate(first) else None

    @property
    def siblings(self) -> ArticlePageQuerySet:
        return ArticlePage.objects.sibling_of(self, inclusive=False).published()

    @cached_property
    def nearby(self) -> "Nearby":
        """The articles that this one leads to."""
        from .nearby import nearby

        return nearby(self)
