from dataclasses import dataclass, field

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, get_page_models

from ..visibility import published_q
from .base import SitePage


@dataclass
class SiteMapNode:
    title: str
    url: str
    children: list["SiteMapNode"] = field(default_factory=list)


class SiteMapPage(SitePage):
    """The list of the site's pages for people (eMAG 3.1, 3.5), generated from the page tree."""

    parent_page_types = ["pages.HomePage"]
    subpage_types = []
    max_count_per_parent = 1
    page_description = _("Lista das páginas do site, feita sozinha a partir da árvore de páginas.")

    class Meta:
        verbose_name = _("mapa do site")
        verbose_name_plural = _("mapas do site")

    @cached_property
    def tree(self) -> list[SiteMapNode]:
        """The published pages under the home, nested, without the types listed elsewhere."""
        unlisted = [
            model for model in get_page_models() if not getattr(model, "listed_in_site_map", True)
        ]
        home_path = self.path[: -Page.steplen]
        pages = (
            Page.objects.filter(published_q(), path__startswith=home_path)
            .not_type(*unlisted)
            .order_by("path")
        )
        nodes: dict[str, SiteMapNode] = {}
        for page in pages:
            node = SiteMapNode(page.title, page.url)
            nodes[page.path] = node
            parent = nodes.get(page.path[: -Page.steplen])
            if parent:
                parent.children.append(node)
        home = nodes.get(home_path)
        return [home] if home else []
