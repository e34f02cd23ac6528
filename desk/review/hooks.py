from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogFormatter

from pages.dates import long_date

from ..models import PageReview, goes_stale
from ..reach import may_change
from .views import RESPONSIBLE_CHANGED, REVIEWED, ReviewView


@hooks.register("register_admin_urls")
def urls():
    return [path("mesa/revisao/<int:pk>/", ReviewView.as_view(), name="desk_page_review")]


@hooks.register("register_page_header_buttons")
def review_button(page, user, view_name, next_url=None):
    if page.pk and goes_stale(page) and may_change(user, page):
        yield Button(
            _("Revisão"),
            reverse("desk_page_review", args=[page.pk]),
            icon_name="calendar-check",
            priority=66,
        )


@hooks.register("before_edit_page")
def say_that_it_is_due(request, page):
    """Whoever opens a page that waits for its review is told so, once, above it."""
    if request.method != "GET" or not page.live or not goes_stale(page):
        return
    review = PageReview.objects.filter(page=page).first()
    if review and review.is_overdue:
        day = long_date(review.reviewed_on)
        messages.warning(
            request,
            gettext("Esta página foi revisada pela última vez em %(day)s. Ela continua certa?")
            % {"day": day},
            buttons=[
                messages.button(reverse("desk_page_review", args=[page.pk]), gettext("Revisão"))
            ],
        )


@hooks.register("register_log_actions")
def log_actions(actions):
    actions.register_action(REVIEWED, _("Revisar"), _("Página revisada: continua certa"))

    @actions.register_action(RESPONSIBLE_CHANGED)
    class ResponsibleFormatter(LogFormatter):
        label = _("Mudar a pessoa responsável")

        def format_message(self, log_entry):
            name = log_entry.data.get("responsible")
            if not name:
                return gettext("A página ficou sem pessoa responsável")
            return gettext("Pessoa responsável: %(name)s") % {"name": name}
