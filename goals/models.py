from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from pages.blocks import BodyBlock
from pages.kept import kept
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

    @property
    def goals(self) -> list["GoalPage"]:
        return [goal for goal in public_goals() if goal.is_child_of(self)]


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

    @property
    def all_goals(self) -> list["GoalPage"]:
        """The goals of the list this one belongs to, itself included, in their order."""
        return [goal for goal in public_goals() if goal.is_sibling_of(self)]

    @property
    def meta_description(self) -> str:
        return super().meta_description or self.statement


def public_goals() -> list[GoalPage]:
    """The goals that visitors may see, of all lists, in their order, as cards show them."""
    return kept("goals", lambda: list(GoalPage.objects.published().in_order().for_cards()))
