from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.userbar import BaseItem
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogFormatter

from pages.models import ElectionPeriod

from . import rules

# Asking -------------------------------------------------------------------------------------


@hooks.register("before_publish_page")
def ask_before_publishing(request, page):
    """The text is saved by now: what is asked for is only its publication."""
    if getattr(request, "is_election_justified", False) or not rules.period_of(page):
        return None
    if request.resolver_match.view_name == "wagtailadmin_pages:add":
        rules.keep_as_draft(page)
    return redirect(rules.justify_address([page], get_valid_next_url_from_request(request)))


@hooks.register("before_bulk_action")
def ask_before_publishing_many(request, action_type, objects, action):
    if action_type != "publish" or "include_descendants" not in action.cleaned_form.fields:
        return None
    pages = list(objects)
    if action.cleaned_form.cleaned_data["include_descendants"]:
        pages = rules.with_drafts_below(pages, request.user)
    if any(rules.period_of(page) for page in pages):
        return redirect(rules.justify_address(pages, action.next_url))
    return None


@hooks.register("after_edit_page")
def ask_after_approving(request, page):
    """Whoever approves while editing is led to what keeps the page from being published."""
    is_approval = (
        request.POST.get("action-workflow-action")
        and request.POST.get("workflow-action-name") == "approve"
    )
    if is_approval and rules.is_approved_by(page, request.user) and rules.period_of(page):
        return redirect(rules.justify_address([page]))
    return None


@hooks.register("before_copy_page")
def copy_as_drafts(request, page):
    """A copy would be published without being asked about."""
    if request.method != "POST" or not request.POST.get("publish_copies"):
        return None
    copied = page.get_descendants(inclusive=True) if request.POST.get("copy_subpages") else [page]
    if not any(rules.period_of(each) for each in copied):
        return None
    messages.error(
        request,
        gettext(
            "No período eleitoral as cópias de notícias e vídeos nascem como rascunho. Desmarque "
            "a publicação das cópias e publique depois cada uma, com a sua justificativa."
        ),
    )
    return redirect(request.get_full_path())


# Recording ----------------------------------------------------------------------------------


@hooks.register("register_log_actions")
def register_justifications(actions):
    @actions.register_action(rules.LOG_ACTION)
    class JustificationFormatter(LogFormatter):
        label = _("Justificar publicação no período eleitoral")

        def format_message(self, log_entry):
            return gettext("Publicação no período eleitoral justificada: %(text)s") % {
                "text": log_entry.data.get("text", "")
            }


class JustificationsMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm("desk.view_electionjustification")


@hooks.register("register_reports_menu_item")
def register_report():
    return JustificationsMenuItem(
        _("Período eleitoral"),
        reverse("election_report"),
        name="periodo-eleitoral",
        icon_name="warning",
        order=1100,
    )


# Rehearsing ---------------------------------------------------------------------------------


@hooks.register("register_snippet_listing_buttons")
def rehearse_from_the_list(snippet, user, next_url=None):
    if isinstance(snippet, ElectionPeriod):
        yield Button(
            _("Ensaiar no site"), reverse("election_rehearsal"), icon_name="view", priority=60
        )


class RehearsalItem(BaseItem):
    template_name = "desk/elections/userbar_item.html"


@hooks.register("construct_wagtail_userbar")
def rehearse_from_the_site(request, items, page):
    items.append(RehearsalItem())
