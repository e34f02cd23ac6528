from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .models import Menu, SiteIdentity, VideoFile


class VideoFileChooserViewSet(SnippetChooserViewSet):
    """Lets an editor upload a video without leaving the page being written."""

    form_fields = ["title", "file"]


class VideoFileViewSet(SnippetViewSet):
    model = VideoFile
    icon = "media"
    menu_label = _("Arquivos de vídeo")
    menu_order = 350
    add_to_admin_menu = True
    list_display = ["title", "created_at"]
    search_fields = ["title"]
    chooser_viewset_class = VideoFileChooserViewSet


class SiteIdentityViewSet(SnippetViewSet):
    model = SiteIdentity
    icon = "site"
    menu_label = _("Identidade")
    list_display = ["name", "office", "locale"]


class MenuViewSet(SnippetViewSet):
    model = Menu
    icon = "list-ul"
    menu_label = _("Menus")
    list_display = ["title", "location", "sort_order", "locale"]
    list_filter = ["location", "locale"]


class SiteGroup(SnippetViewSetGroup):
    """What appears on every page."""

    menu_label = _("O site")
    menu_icon = "globe"
    menu_order = 360
    items = (SiteIdentityViewSet, MenuViewSet)


register_snippet(VideoFileViewSet)
register_snippet(SiteGroup)


@hooks.register("insert_global_admin_css")
def admin_css():
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))
