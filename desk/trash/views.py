from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn, UserColumn
from wagtail.admin.views.generic import BaseListingView
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from ..models import TrashedPage, TrashedThing
from ..models.trash import KEPT_DAYS


def may_see_trash(user) -> bool:
    return page_permission_policy.user_has_any_permission(user, {"add", "change", "publish"})


def may_purge(user) -> bool:
    """Whether the user may delete for good."""
    return user.has_perm("desk.delete_trashedpage")


class TrashView(BaseListingView):
    """What was deleted and can be brought back, the latest first."""

    page_title = _("Lixeira")
    header_icon = "bin"
    paginate_by = 50
    default_ordering = "-deleted_at"
    index_url_name = "desk_trash:index"
    index_results_url_name = "desk_trash:index_results"
    template_name = "desk/trash/index.html"
    results_template_name = "desk/trash/index_results.html"
    columns = [
        TitleColumn(
            "title",
            label=_("Página"),
            accessor="page.title",
            get_url=lambda record: reverse("desk_trash:restore", args=[record.pk]),
        ),
        Column("kind", label=_("Tipo"), accessor=lambda record: _kind(record.page)),
        Column("place", label=_("Onde estava"), accessor="place"),
        DateColumn("deleted_at", label=_("Excluída")),
        UserColumn("deleted_by", label=_("Por quem")),
        DateColumn("kept_until", label=_("Some de vez")),
    ]

    def dispatch(self, request, *args, **kwargs):
        if not may_see_trash(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_base_queryset(self):
        return (
            TrashedPage.objects.seen_by(self.request.user)
            .select_related("page__content_type", "deleted_by__wagtail_userprofile")
            .order_by("-deleted_at")
        )

    def get_context_data(self, **kwargs):
        return {**super().get_context_data(**kwargs), "days": KEPT_DAYS}


class ThingsView(TrashView):
    """The same for what is no page."""

    page_title = _("Lixeira: arquivos e outros itens")
    index_url_name = "desk_trash:things"
    index_results_url_name = "desk_trash:things_results"
    columns = [
        TitleColumn(
            "title",
            label=_("Item"),
            accessor="title",
            get_url=lambda record: reverse("desk_trash:restore_thing", args=[record.pk]),
        ),
        Column("kind", label=_("Tipo"), accessor="kind"),
        DateColumn("deleted_at", label=_("Excluído")),
        UserColumn("deleted_by", label=_("Por quem")),
        DateColumn("kept_until", label=_("Some de vez")),
    ]

    def get_base_queryset(self):
        return (
            TrashedThing.objects.seen_by(self.request.user)
            .select_related("content_type", "deleted_by__wagtail_userprofile")
            .order_by("-deleted_at")
        )


def _kind(page: Page) -> str:
    model = page.specific_class
    return capfirst(model._meta.verbose_name) if model else ""


def _record(request, pk: int) -> TrashedPage:
    if not may_see_trash(request.user):
        raise PermissionDenied
    return get_object_or_404(TrashedPage.objects.seen_by(request.user), pk=pk)


class RestoreForm(forms.Form):
    parent = forms.ModelChoiceField(
        label=_("Onde pôr a página"),
        queryset=Page.objects.none(),
        empty_label=None,
        error_messages={"required": _("Não há onde pôr esta página. Crie antes a página acima.")},
    )

    def __init__(self, *args, record: TrashedPage, user, **kwargs):
        super().__init__(*args, **kwargs)
        allowed = page_permission_policy.instances_user_has_any_permission_for(
            user, {"add", "publish"}
        )
        self.fields["parent"].queryset = record.possible_parents().filter(
            pk__in=allowed.values("pk")
        )


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request, pk: int):
    record = _record(request, pk)
    form = RestoreForm(request.POST or None, record=record, user=request.user)
    parents = form.fields["parent"].queryset
    if request.method == "POST" and form.is_valid():
        parent = form.cleaned_data["parent"]
        permissions = parent.permissions_for_user(request.user)
        if record.published and not permissions.can_publish_subpage():
            raise PermissionDenied
        page = record.restore(parent, request.user)
        buttons = [
            messages.button(reverse("wagtailadmin_pages:edit", args=[page.pk]), gettext("Editar"))
        ]
        if page.live and page.url:
            buttons.insert(0, messages.button(page.url, gettext("Ver no site")))
        messages.success(
            request,
            gettext("“%(page)s” voltou para o seu lugar.")
            % {"page": page.get_admin_display_title()},
            buttons=buttons,
        )
        return redirect("wagtailadmin_explore", parent.pk)
    return TemplateResponse(
        request,
        "desk/trash/restore.html",
        {
            "record": record,
            "form": form,
            "is_one_place": len(parents) == 1,
            "has_place": bool(parents),
            "below": record.page.get_descendant_count(),
            "may_purge": may_purge(request.user),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def purge(request, pk: int):
    record = _record(request, pk)
    if not may_purge(request.user):
        raise PermissionDenied
    if request.method == "POST":
        title = record.page.get_admin_display_title()
        record.page.specific.delete(user=request.user)
        messages.success(request, gettext("“%(page)s” foi excluída de vez.") % {"page": title})
        return redirect("desk_trash:index")
    return TemplateResponse(request, "desk/trash/purge.html", {"record": record})


@require_http_methods(["GET", "HEAD", "POST"])
def restore_thing(request, pk: int):
    if not may_see_trash(request.user):
        raise PermissionDenied
    record = get_object_or_404(TrashedThing.objects.seen_by(request.user), pk=pk)
    if request.method == "POST":
        try:
            thing = record.restore(request.user)
        except ValueError:
            messages.error(
                request,
                gettext("“%(thing)s” não pode voltar: falta aquilo de que depende.")
                % {"thing": record},
            )
            return redirect("desk_trash:things")
        url = AdminURLFinder(request.user).get_edit_url(thing)
        messages.success(
            request,
            gettext("“%(thing)s” voltou para o seu lugar.") % {"thing": thing},
            buttons=[messages.button(url, gettext("Editar"))] if url else None,
        )
        return redirect("desk_trash:things")
    return TemplateResponse(request, "desk/trash/restore_thing.html", {"record": record})
