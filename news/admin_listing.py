"""The admin's list of all articles, newest first, whatever their number.

Wagtail's explorer counts and sorts all pages of a list each time. This one knows how many there
are, and finds those of a page by their keys, which an index has in order.
"""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageStatusColumn, PageTitleColumn
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.permissions import page_permission_policy

from .models import ArticlePage, NewsIndexPage


class ArticleFilterSet(WagtailFilterSet):
    class Meta:
        model = ArticlePage
        fields = ["date", "category", "live"]


class ArticleIndexView(IndexView):
    @cached_property
    def sees_all(self) -> bool:
        """Whether the editor may see every list of news, so that nothing need be left out."""
        allowed = page_permission_policy.instances_with_direct_explore_permission(self.request.user)
        above = tuple(page.path for page in allowed)
        return all(path.startswith(above) for path in self.lists)

    @cached_property
    def lists(self) -> list[str]:
        """Where the lists of news are in the tree."""
        return list(NewsIndexPage.objects.values_list("path", flat=True))

    def get_base_queryset(self):
        articles = ArticlePage.objects.all() if self.sees_all else super().get_base_queryset()
        # What was deleted lies elsewhere in the tree for a while.
        return articles.filter(_below(self.lists))

    def annotate_queryset(self, pages):
        # What is shown of the pages is added once they are cut.
        return pages

    def order_queryset(self, queryset):
        if self.ordering == "-date" and not self.is_searching:
            return queryset.newest_first()
        return super().order_queryset(queryset)

    def get_paginator(self, queryset, *args, **kwargs):
        paginator = super().get_paginator(queryset, *args, **kwargs)
        if self.sees_all and not (self.is_searching or self.is_filtering):
            total = NewsIndexPage.objects.aggregate(total=Sum("numchild"))["total"]
            paginator.count = total or 0
        return paginator

    def paginate_queryset(self, queryset, page_size):
        paginator, page, found, is_paginated = super().paginate_queryset(queryset, page_size)
        if isinstance(found, QuerySet):
            keys = list(found.values_list("pk", flat=True))
        else:
            keys = [article.pk for article in found]
        shown = super().annotate_queryset(ArticlePage.objects.filter(pk__in=keys))
        by_key = {article.pk: article for article in shown.prefetch_related("category")}
        page.object_list = [by_key[key] for key in keys if key in by_key]
        return paginator, page, page.object_list, is_paginated


def _below(paths: list[str]) -> Q:
    return reduce(or_, (Q(path__startswith=path) for path in paths), Q(pk__in=[]))


def _date_of(article: ArticlePage) -> str:
    return date_format(timezone.localtime(article.date), "SHORT_DATE_FORMAT")


class ArticleListingViewSet(PageListingViewSet):
    model = ArticlePage
    index_view_class = ArticleIndexView
    filterset_class = ArticleFilterSet
    icon = "doc-full"
    menu_label = _("Notícias")
    menu_order = 330
    add_to_admin_menu = True
    ordering = "-date"
    columns = [
        BulkActionsColumn("bulk_actions"),
        PageTitleColumn("title", label=_("Título"), sort_key="title", classname="title"),
        Column("date", label=_("Data"), accessor=_date_of, sort_key="date", width="12%"),
        Column(
            "category",
            label=capfirst(ArticlePage._meta.get_field("category").verbose_name),
            width="15%",
        ),
        PageStatusColumn("status", label=_("Situação"), sort_key="live", width="12%"),
    ]
