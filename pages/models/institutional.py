from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, TranslatableMixin
from wagtail.search import index

from ..blocks import BodyBlock
from ..visibility import published_q
from .base import SitePage


class InstitutionalPage(SitePage):
    """The office's own page: who it is, where it comes from, the law that founds it."""

    body = StreamField(BodyBlock(), blank=True, verbose_name=_("texto"))

    parent_page_types = ["pages.HomePage"]
    subpage_types = ["pages.StandardPage"]
    page_description = _("A página da Assessoria: história, atribuições e legislação.")

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("body", help_text=_("Use os blocos de intertítulo para dividir textos longos.")),
        InlinePanel(
            "legislation",
            heading=_("Legislação"),
            label=_("norma"),
            help_text=_("As leis e os decretos citados, na ordem em que devem aparecer."),
        ),
    ]

    search_fields = [*SitePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("página institucional")
        verbose_name_plural = _("páginas institucionais")

    @cached_property
    def section_links(self) -> list[Page]:
        """What else belongs to the office: the sections beside this page."""
        return list(
            Page.objects.sibling_of(self, inclusive=False)
            .filter(published_q(), show_in_menus=True)
            .order_by("path")
        )


class Legislation(TranslatableMixin, Orderable):
    """A law or decree that the institutional page cites."""

    page = ParentalKey(InstitutionalPage, on_delete=models.CASCADE, related_name="legislation")
    title = models.CharField(
        _("nome da norma"),
        max_length=200,
        help_text=_("Como é citada. Exemplo: Lei Municipal n° 8763, de 03 de março de 2017."),
    )
    url = models.URLField(
        _("endereço do texto"),
        blank=True,
        help_text=_("Endereço do texto oficial. Sem ele, a norma aparece sem link."),
    )

    panels = [FieldPanel("title"), FieldPanel("url")]

    class Meta(TranslatableMixin.Meta, Orderable.Meta):
        verbose_name = _("norma")
        verbose_name_plural = _("normas")

    def __str__(self):
        return self.title
