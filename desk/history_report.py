"""The report of the site's history, for those who answer for what is on the site."""

from collections import defaultdict

from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.permissions import page_permission_policy


def may_see_history(user) -> bool:
    """Whoever publishes answers for what is on the site; writers see the history of each page."""
    return page_permission_policy.user_has_permission(user, "publish")


class SiteHistoryView(LogEntriesView):
    """Wagtail's report, for those who may see it, with a file name in Portuguese."""

    def dispatch(self, request, *args, **kwargs):
        if not may_see_history(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def decorate_paginated_queryset(self, queryset):
        """The entries of a page, each with the address of what it is about.

        As Wagtail's, which asks for the collection of each image and document by itself.
        """
        keys = defaultdict(list)
        for row in queryset:
            keys[row["log_model_index"]].append(row["pk"])
        entries = {}
        for index, pks in keys.items():
            rows = self.log_models[index].objects.filter(pk__in=pks)
            rows = rows.prefetch_related("user__wagtail_userprofile", "content_type")
            for entry, instance in rows.with_instances():
                entries[index, entry.pk] = (entry, instance)
        kept = [instance for _, instance in entries.values() if hasattr(instance, "collection_id")]
        for model in {type(instance) for instance in kept}:
            alike = [instance for instance in kept if type(instance) is model]
            prefetch_related_objects(alike, "collection")
        finder = AdminURLFinder(self.request.user)
        for entry, instance in entries.values():
            entry.edit_url = finder.get_edit_url(instance)
        return [entries[row["log_model_index"], row["pk"]][0] for row in queryset]

    def get_filename(self):
        return f"historico-{timezone.localdate():%Y-%m-%d}"


@hooks.register("construct_reports_menu")
def show_history_to_those_who_may_see_it(request, menu_items):
    if not may_see_history(request.user):
        menu_items[:] = [item for item in menu_items if item.name != "site-history"]
