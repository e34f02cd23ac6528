"""The lists of the desk, whole: a page of the admin and a spreadsheet for each."""

from django.core.exceptions import PermissionDenied
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView

from api.spreadsheet import safe_cell

from .work_lists import WORK_LISTS, WorkList


class WorkListView(ReportView):
    """A list of the desk with its filters, page by page, or as CSV or XLSX."""

    #: Given where the address is registered.
    work_list: WorkList = None
    custom_value_preprocess = {
        **ReportView.custom_value_preprocess,
        str: {ReportView.FORMAT_CSV: safe_cell, ReportView.FORMAT_XLSX: str},
    }

    def dispatch(self, request, *args, **kwargs):
        if not self.work_list.is_for(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.page_title = self.work_list.heading
        self.header_icon = self.work_list.icon
        self.filterset_class = self.work_list.filterset_class
        self.index_url_name = self.work_list.url_name
        self.index_results_url_name = f"{self.work_list.url_name}_results"

    @cached_property
    def columns(self):
        shown = self.work_list
        return [
            TitleColumn(
                "title", label=shown.title_label, accessor=shown.title, get_url=shown.address
            ),
            *(Column(fact.name, label=fact.label, accessor=fact.value) for fact in shown.facts),
        ]

    def get_base_queryset(self):
        return self.work_list.all_things(self.request.user, self.request.GET)

    def get_filtered_queryset(self):
        # Wagtail's would filter a second time.
        return self.get_queryset()

    def paginate_queryset(self, queryset, page_size):
        paginator, page, things, is_paginated = super().paginate_queryset(queryset, page_size)
        page.object_list = self.work_list.prepare(list(things))
        return paginator, page, page.object_list, is_paginated

    def decorate_paginated_queryset(self, object_list):
        return self.work_list.prepare(list(object_list)) if self.is_export else object_list

    @property
    def no_results_message(self):
        return self.work_list.nothing

    # The spreadsheet -----------------------------------------------------------------------

    @cached_property
    def export_headings(self):
        facts = {fact.name: fact.label for fact in self.work_list.facts}
        return {"title": self.work_list.title_label, **facts, "address": _("Endereço para editar")}

    @cached_property
    def list_export(self):
        return list(self.export_headings)

    def to_row_dict(self, item):
        shown = self.work_list
        return {
            "title": str(shown.title(item)),
            **{fact.name: str(fact.value(item)) for fact in shown.facts},
            "address": self.request.build_absolute_uri(shown.address(item)),
        }

    def get_filename(self):
        return f"{self.work_list.name}-{timezone.localdate():%Y-%m-%d}"


def urls() -> list:
    found = []
    for shown in WORK_LISTS:
        address = f"mesa/{shown.name}/"
        whole = WorkListView.as_view(work_list=shown)
        results = WorkListView.as_view(work_list=shown, results_only=True)
        found += [
            path(address, whole, name=shown.url_name),
            path(f"{address}resultados/", results, name=f"{shown.url_name}_results"),
        ]
    return found


class WorkListMenuItem(MenuItem):
    def __init__(self, work_list: WorkList, **kwargs):
        super().__init__(work_list.heading, reverse(work_list.url_name), **kwargs)
        self._work_list = work_list

    def is_shown(self, request):
        return self._work_list.is_for(request.user)


def menu_item(work_list: WorkList, order: int) -> WorkListMenuItem:
    """The entry of a list in the menu of reports."""
    return WorkListMenuItem(work_list, name=work_list.name, icon_name=work_list.icon, order=order)
