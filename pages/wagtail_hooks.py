from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import UsageCountColumn
from wagtail.models import ReferenceIndex
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .models import ElectionPeriod, Menu, SiteIdentity, SiteNotice, VideoFile


class VideoFileChooserViewSet(SnippetChooserViewSet):
    """Lets an editor upload a video without leaving the page being written."""

    form_fields = ["title", "file"]


class VideoFileViewSet(SnippetViewSet):
    model = VideoFile
    icon = "media"
    menu_label = _("Arquivos de vídeo")
    menu_order = 350
    add_to_admin_menu = True
    list_display = [
        "title",
        "created_at",
        UsageCountColumn("usage_count", label=_("Usos"), sort_key="usage_count"),
    ]
    search_fields = ["title"]
    chooser_viewset_class = VideoFileChooserViewSet

    def get_queryset(self, request):
        return VideoFile.objects.annotate(
            usage_count=ReferenceIndex.usage_count_subquery(VideoFile)
        )


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


class SiteNoticeViewSet(SnippetViewSet):
    model = SiteNotice
    icon = "warning"
    menu_label = _("Avisos")
    list_display = ["text", "level", "start", "end", "state", "locale"]
    list_filter = ["level", "locale"]
    search_fields = ["text"]


class ElectionPeriodViewSet(SnippetViewSet):
    model = ElectionPeriod
    icon = "calendar-alt"
    menu_label = _("Período eleitoral")
    list_display = ["name", "start", "end", "state"]


class SiteGroup(SnippetViewSetGroup):
    """What appears on every page, or withholds some."""

    menu_label = _("O site")
    menu_icon = "globe"
    menu_order = 360
    items = (SiteIdentityViewSet, MenuViewSet, SiteNoticeViewSet, ElectionPeriodViewSet)


register_snippet(VideoFileViewSet)
register_snippet(SiteGroup)


@hooks.register("insert_global_admin_css")
def admin_css():
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin.css"))


@hooks.register("insert_global_admin_js")
def admin_js():
    return format_html('<script src="{}" type="module"></script>', static("js/admin.js"))
