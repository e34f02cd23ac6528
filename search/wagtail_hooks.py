from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from .models import PromotedResult


class PromotedResultViewSet(SnippetViewSet):
    model = PromotedResult
    icon = "pick"
    menu_label = _("Destaques da busca")
    menu_order = 345
    add_to_admin_menu = True
    list_display = ["__str__", "words", "sort_order", "locale"]
    list_filter = ["locale"]


register_snippet(PromotedResultViewSet)
