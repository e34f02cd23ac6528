"""Addresses of the admin that concern elections; the first stands before Wagtail's own."""

from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from . import views

urlpatterns = decorate_urlpatterns(
    [
        path(
            "pages/workflow/action/<int:page_id>/<slug:action_name>/<int:task_state_id>/",
            views.WorkflowAction.as_view(),
        ),
        path("periodo-eleitoral/publicar/", views.JustifyView.as_view(), name="election_justify"),
        path("periodo-eleitoral/ensaio/", views.RehearsalView.as_view(), name="election_rehearsal"),
        path(
            "reports/periodo-eleitoral/",
            views.JustificationReport.as_view(),
            name="election_report",
        ),
        path(
            "reports/periodo-eleitoral/results/",
            views.JustificationReport.as_view(results_only=True),
            name="election_report_results",
        ),
    ],
    require_admin_access,
)
