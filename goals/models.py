from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from pages.blocks import BodyBlock
from pages.models import SitePage, SitePageManager, SitePageQuerySet


class GoalPageQuerySet(SitePageQuerySet):
    def in_order(self):
        """In the order the editors gave them, by dragging them in the page explorer."""
        return self.order_by("path")

    def for_cards(self):
        """With what a listing draws of each goal, and no more."""
        return self.defer("body")


GoalPageManager = SitePageManager.from_queryset(GoalPageQuerySet)


class GoalIndexPage(SitePage):
    """The ordered list of the office's goals."""

    body = StreamField(
        BodyBlock(),
        blank=True,
        verbose_name=_("texto"),
        help_text=_("Aparece depois da lista das metas."),
    )

    parent_page_types = ["pages.HomePage"]
    subpage_types = ["goals.GoalPage"]
    max_count_per_parent = 1
    needs_summary = False
    page_description = _("A lista das metas. A ordem delas se muda arrastando, no explorador.")

    content_panels = [*SitePage.content_panels, FieldPanel("body")]

    search_fields = [*SitePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("lista de metas")
        verbose_name_plural = _("listas de metas")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["goals"] = self.goals
        return context

    def get_admin_default_ordering(self):
        """Show the explorer in tree order, where the goals can be dragged."""
        return "ord"

    @cached_property
    def goals(self) -> list["GoalPage"]:
        return list(GoalPage.objects.child_of(self).published().in_order().for_cards())


class GoalPage(SitePage):
    """One of the office's goals: its statement word for word, under a short title."""

    statement = models.TextField(
        _("enunciado"),
        blank=True,
        help_text=_("A meta como a Assessoria a escreveu, palavra por palavra."),
    )
    body = StreamField(
        BodyBlock(),
        blank=True,
        verbose_name=_("texto"),
        help_text=_("O que já foi feito, o que se pretende fazer: tão longo quanto for preciso."),
    )

    objects = GoalPageManager()

    parent_page_types = ["goals.GoalIndexPage"]
    subpage_types = []
    # The statement stands for it.
    needs_summary = False
    page_description = _("Uma das metas da Assessoria.")

    content_panels = [
        FieldPanel(
            "title", help_text=_("Um título curto, para menus e listas. O enunciado vem abaixo.")
        ),
        FieldPanel("statement"),
        FieldPanel("summary"),
        FieldPanel("body"),
    ]

    search_fields = [
        *SitePage.search_fields,
        index.SearchField("statement", boost=2),
        index.SearchField("body"),
    ]

    class Meta:
        verbose_name = _("meta")
        verbose_name_plural = _("metas")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["goals"] = self.all_goals
        return context

    @cached_property
    def all_goals(self) -> list["GoalPage"]:
        """The goals of the list this one belongs to, itself included, in their order."""
        siblings = GoalPage.objects.sibling_of(self, inclusive=True)
        return list(siblings.published().in_order().for_cards())

    @property
    def meta_description(self) -> str:
        return super().meta_description or self.statement
