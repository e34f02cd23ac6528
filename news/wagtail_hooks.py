from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from .admin_listing import ArticleListingViewSet
from .models import NewsCategory


class NewsCategoryViewSet(SnippetViewSet):
    model = NewsCategory
    icon = "tag"
    menu_label = _("Assuntos")
    menu_order = 340
    add_to_admin_menu = True
    list_display = ["name", "slug", "locale"]


register_snippet(NewsCategoryViewSet)


@hooks.register("register_admin_viewset")
def register_articles():
    return ArticleListingViewSet("articles", url_prefix="noticias")
