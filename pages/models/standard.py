from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from ..blocks import BodyBlock
from .base import SitePage


class StandardPage(SitePage):
    """An ordinary page made of blocks: contact, accessibility, privacy and what comes later."""

    body = StreamField(BodyBlock(), blank=True, verbose_name=_("texto"))
    show_contents = models.BooleanField(
        _("mostrar índice"),
        default=False,
        help_text=_(
            "Mostra no começo da página a lista dos intertítulos, se houver ao menos dois."
        ),
    )

    parent_page_types = ["pages.HomePage", "pages.InstitutionalPage", "pages.StandardPage"]
    subpage_types = ["pages.StandardPage"]
    page_description = _("Página comum, feita de blocos: contato, acessibilidade, privacidade…")

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("body"),
        FieldPanel("show_contents"),
    ]

    search_fields = [*SitePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("página comum")
        verbose_name_plural = _("páginas comuns")
