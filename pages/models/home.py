from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    PageChooserPanel,
)
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from ..blocks import CAPTION_FEATURES, BodyBlock
from .base import SitePage


class HomePage(SitePage):
    """The front of the site in one language: opening, goals, news and featured video.

    Goals and news belong to apps that stand above this one. Here are only the editor's choices;
    the template asks those apps for the content, by their tags.
    """

    kicker = models.CharField(
        _("linha acima do título"),
        max_length=120,
        blank=True,
        help_text=_("Exemplo: Assessoria de Cooperação Internacional."),
    )
    hero_text = RichTextField(
        _("texto de abertura"),
        features=CAPTION_FEATURES,
        blank=True,
        help_text=_("Uma frase abaixo do título, em letra grande."),
    )
    hero_image = models.ForeignKey(
        "pages.SiteImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imagem de abertura"),
        help_text=_("Sem imagem, a abertura mostra o desenho do globo."),
    )
    about_heading = models.CharField(
        _("título da apresentação"), max_length=120, blank=True, help_text=_("Vazio, não aparece.")
    )
    about_text = RichTextField(
        _("texto da apresentação"),
        features=["bold", "italic", "link"],
        blank=True,
        help_text=_("O começo do texto institucional. Sem ele, a seção não aparece."),
    )
    about_page = models.ForeignKey(
        "wagtailcore.Page",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("página do texto completo"),
    )
    about_link_label = models.CharField(
        _("texto do link para a página"),
        max_length=80,
        blank=True,
        help_text=_("Exemplo: Ler o texto institucional completo."),
    )
    goals_heading = models.CharField(
        _("título das metas"),
        max_length=120,
        blank=True,
        default="Principais Metas",
        help_text=_("Sem título, a seção não aparece."),
    )
    news_heading = models.CharField(
        _("título das notícias"),
        max_length=120,
        blank=True,
        default="Notícias",
        help_text=_("Sem título, a seção não aparece."),
    )
    news_link_label = models.CharField(
        _("texto do link para todas as notícias"),
        max_length=80,
        blank=True,
        default="Todas as notícias",
    )
    news_count = models.PositiveSmallIntegerField(
        _("quantas notícias"),
        default=5,
        validators=[MinValueValidator(0), MaxValueValidator(12)],
        help_text=_("De 0 a 12. Com 0, a seção não aparece."),
    )
    pinned_article = models.ForeignKey(
        "wagtailcore.Page",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("notícia fixada"),
        help_text=_("Fica em primeiro lugar, qualquer que seja a data. Sem ela, a mais recente."),
    )
    video_heading = models.CharField(
        _("título do vídeo"),
        max_length=120,
        blank=True,
        default="Vídeo em destaque",
        help_text=_("Sem título, a seção não aparece."),
    )
    featured_video = models.ForeignKey(
        "pages.VideoPage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("vídeo em destaque"),
        help_text=_("Sem vídeo, a seção não aparece."),
    )
    body = StreamField(
        BodyBlock(),
        blank=True,
        verbose_name=_("outras seções"),
        help_text=_("O que mais a página inicial deve mostrar, no fim."),
    )

    parent_page_types = ["wagtailcore.Page"]
    page_description = _("A página inicial. Há uma em cada língua.")
    lead_image_field = "hero_image"
    lead_image_role = "opening"
    link_label_fields = ("about_link_label", "news_link_label")
    drawn_with = (*SitePage.drawn_with, "hero_image")

    content_panels = [
        *SitePage.content_panels,
        MultiFieldPanel(
            [FieldPanel("kicker"), FieldPanel("hero_text"), FieldPanel("hero_image")],
            heading=_("Abertura"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("about_heading"),
                FieldPanel("about_text"),
                FieldPanel("about_page"),
                FieldPanel("about_link_label"),
            ],
            heading=_("Apresentação"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("goals_heading"),
                InlinePanel(
                    "home_goals",
                    label=_("meta"),
                    help_text=_(
                        "Escolha as metas abaixo, na ordem em que devem aparecer. "
                        "Sem nenhuma escolhida, aparecem todas."
                    ),
                ),
            ],
            heading=_("Metas"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("news_heading"), FieldPanel("news_count")]),
                FieldPanel("news_link_label"),
                PageChooserPanel("pinned_article", "news.ArticlePage"),
            ],
            heading=_("Notícias"),
        ),
        MultiFieldPanel(
            [FieldPanel("video_heading"), FieldPanel("featured_video")], heading=_("Vídeo")
        ),
        FieldPanel("body"),
    ]

    search_fields = [
        *SitePage.search_fields,
        index.SearchField("hero_text"),
        index.SearchField("about_text"),
        index.SearchField("body"),
    ]

    class Meta:
        verbose_name = _("página inicial")
        verbose_name_plural = _("páginas iniciais")

    @classmethod
    def can_create_at(cls, parent):
        """Only the first home is made by hand; those of other languages are its translations."""
        return super().can_create_at(parent) and not cls.objects.exists()

    def pictures(self):
        video = self.featured_video_page
        return [*super().pictures(), (video.poster if video else None, "poster")]

    @cached_property
    def references(self):
        references = super().references
        references.want("video", self.featured_video_id)
        references.want("page", self.about_page_id)
        return references

    @property
    def about_page_published(self):
        """The page of the whole text when a visitor may see it, else None."""
        return self.references.pages.get(self.about_page_id)

    @property
    def featured_video_page(self):
        """The chosen video when a visitor may see it, else None."""
        return self.references.videos.get(self.featured_video_id)


class HomePageGoal(Orderable):
    """A goal that the editor chose for the home page."""

    page = ParentalKey(HomePage, on_delete=models.CASCADE, related_name="home_goals")
    goal = models.ForeignKey(
        Page, on_delete=models.CASCADE, related_name="+", verbose_name=_("meta")
    )

    panels = [PageChooserPanel("goal", "goals.GoalPage")]

    class Meta(Orderable.Meta):
        verbose_name = _("meta da página inicial")
        verbose_name_plural = _("metas da página inicial")

    def __str__(self):
        return self.goal.title
