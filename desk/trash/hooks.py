from itertools import islice

from django.contrib.admin.utils import quote
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import include, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.menu import MenuItem
from wagtail.admin.utils import get_latest_str, get_valid_next_url_from_request
from wagtail.log_actions import LogFormatter
from wagtail.models import Page, ReferenceIndex

from ..models.trash import KEPT_DAYS, Trash, TrashedPage, can_be_trashed
from . import views

#: References to a page that are listed before it is deleted.
MAX_LISTED = 20


@hooks.register("register_admin_urls")
def register_urls():
    patterns = [
        path("", views.TrashView.as_view(), name="index"),
        path("resultados/", views.TrashView.as_view(results_only=True), name="index_results"),
        path("itens/", views.ThingsView.as_view(), name="things"),
        path(
            "itens/resultados/", views.ThingsView.as_view(results_only=True), name="things_results"
        ),
        path("itens/<int:pk>/restaurar/", views.restore_thing, name="restore_thing"),
        path("<int:pk>/restaurar/", views.restore, name="restore"),
        path("<int:pk>/excluir/", views.purge, name="purge"),
    ]
    return [path("lixeira/", include((patterns, "desk_trash")))]


class TrashMenuItem(MenuItem):
    def is_shown(self, request):
        return views.may_see_trash(request.user)


@hooks.register("register_admin_menu_item")
def register_menu_item():
    return TrashMenuItem(
        _("Lixeira"), reverse("desk_trash:index"), name="lixeira", icon_name="bin", order=900
    )


@hooks.register("register_log_actions")
def register_log_actions(actions):
    @actions.register_action("desk.trash")
    class TrashFormatter(LogFormatter):
        label = _("Pôr na lixeira")

        def format_message(self, entry):
            return _("Pôs na lixeira (estava em %(place)s)") % {"place": entry.data.get("place")}

    actions.register_action("desk.restore", _("Restaurar"), _("Restaurou da lixeira"))


# Deleting -------------------------------------------------------------------------------------


def _uses(request, page: Page) -> tuple[list[dict], int]:
    """What leads to ``page``, as far as it is listed, and how much there is."""
    finder = AdminURLFinder(request.user)
    groups = ReferenceIndex.get_references_to(page).group_by_source_object()
    uses = [
        {"title": get_latest_str(source), "url": finder.get_edit_url(source)}
        for source, _references in islice(groups, MAX_LISTED)
    ]
    return uses, groups.count()


@hooks.register("before_delete_page")
def trash_instead(request, page):
    """Put the page into the recycle bin, after telling what leads to it."""
    if Page.objects.filter(Trash.pages_q(), pk=page.pk).exists():
        return redirect("desk_trash:index")
    next_url = get_valid_next_url_from_request(request)
    back = next_url or reverse("wagtailadmin_explore", args=[page.get_parent().pk])
    if not can_be_trashed(page):
        messages.error(
            request,
            gettext("“%(page)s” é uma página inicial: sem ela o site não abre. Não se exclui.")
            % {"page": page.get_admin_display_title()},
        )
        return redirect(back)
    if request.method == "POST":
        record = TrashedPage.objects.put(page, request.user)
        undo = messages.button(reverse("desk_trash:restore", args=[record.pk]), gettext("Desfazer"))
        messages.success(
            request,
            gettext("“%(page)s” foi para a lixeira, onde fica %(days)d dias.")
            % {"page": page.get_admin_display_title(), "days": KEPT_DAYS},
            buttons=[undo],
        )
        return redirect(back)
    uses, count = _uses(request, page)
    return TemplateResponse(
        request,
        "desk/trash/confirm.html",
        {
            "page": page,
            "below": page.get_descendant_count(),
            "uses": uses,
            "uses_count": count,
            "usage_url": reverse("wagtailadmin_pages:usage", args=[quote(page.pk)]),
            "days": KEPT_DAYS,
            "next": next_url,
            "back": back,
            "is_live": page.live,
        },
    )


@hooks.register("before_bulk_action")
def trash_many_instead(request, action_type, objects, action):
    if action_type != "delete" or action.model is not Page:
        return None
    count = 0
    # The outermost first: what lies below one of them goes with it.
    for page in sorted(objects, key=lambda page: page.path):
        current = Page.objects.get(pk=page.pk)
        if can_be_trashed(current):
            TrashedPage.objects.put(current, request.user)
            count += 1
    messages.success(
        request,
        ngettext(
            "%(count)d página foi para a lixeira, onde fica %(days)d dias.",
            "%(count)d páginas foram para a lixeira, onde ficam %(days)d dias.",
            count,
        )
        % {"count": count, "days": KEPT_DAYS},
    )
    return redirect(action.next_url)


# What lies there is out of the way ------------------------------------------------------------


@hooks.register("construct_explorer_page_queryset")
def leave_trash_out_of_the_explorer(parent_page, pages, request):
    return pages.exclude(Trash.pages_q())


@hooks.register("construct_page_chooser_queryset")
def leave_trash_out_of_choosers(pages, request):
    return pages.exclude(Trash.pages_q())


@hooks.register("before_edit_page")
def lead_to_the_trash(request, page):
    """A page in the recycle bin is not edited there."""
    record = TrashedPage.objects.filter(page__path=page.path[: Page.steplen * 3]).first()
    if not record:
        return None
    messages.warning(request, gettext("Esta página está na lixeira. Restaure-a para editar."))
    return redirect("desk_trash:restore", record.pk)
