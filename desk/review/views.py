from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import UpdateView
from wagtail.admin import messages
from wagtail.admin.utils import get_user_display_name, get_valid_next_url_from_request
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.log_actions import log
from wagtail.models import Page

from ..models import PageReview, goes_stale
from ..reach import may_change
from .forms import ReviewForm

#: The actions in the history of a page.
REVIEWED, RESPONSIBLE_CHANGED = "desk.review", "desk.responsible"


class ReviewView(WagtailAdminTemplateMixin, UpdateView):
    """Who answers for a page, and the button that says that it was read and is right."""

    form_class = ReviewForm
    template_name = "desk/review/review.html"
    page_title = _("Revisão")
    header_icon = "calendar-check"

    @cached_property
    def page(self) -> Page:
        page = get_object_or_404(Page, pk=self.kwargs["pk"])
        if not may_change(self.request.user, page):
            raise PermissionDenied
        if not goes_stale(page):
            raise Http404
        return page

    def get_object(self, queryset=None):
        found = PageReview.objects.select_related("responsible").filter(page=self.page).first()
        # A page that was never published has none yet. It is first reviewed by publishing.
        return found or PageReview(page=self.page, reviewed_on=timezone.localdate())

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "page": self.page}

    def get_page_subtitle(self):
        return self.page.get_admin_display_title()

    def get_breadcrumbs_items(self):
        edit = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        return [
            *super().get_breadcrumbs_items(),
            {"url": edit, "label": self.page.get_admin_display_title()},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["page"] = self.page
        context["review"] = self.object
        context["next_url"] = get_valid_next_url_from_request(self.request)
        return context

    def form_valid(self, form):
        is_reviewed = "reviewed" in self.request.POST
        if is_reviewed:
            form.instance.reviewed_on = timezone.localdate()
        form.save()
        page = self.page.specific_deferred
        user = self.request.user
        if "responsible" in form.changed_data:
            name = get_user_display_name(form.instance.responsible)
            log(page, RESPONSIBLE_CHANGED, user=user, data={"responsible": name})
        if is_reviewed:
            log(page, REVIEWED, user=user)
            messages.success(self.request, gettext("A página está marcada como revisada hoje."))
        else:
            messages.success(self.request, gettext("A pessoa responsável foi registrada."))
        return redirect(
            get_valid_next_url_from_request(self.request)
            or reverse("desk_page_review", args=[self.page.pk])
        )
