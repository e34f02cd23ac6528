from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page

from pages.in_force import REHEARSAL_KEY

from ..models import ElectionJustification
from ..reviews import GuardedReview
from . import rules

#: Letters of the shortest justification that says something.
SHORTEST = 15


class JustificationForm(forms.Form):
    text = forms.CharField(
        label=_("Justificativa"),
        min_length=SHORTEST,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "Por que esta publicação é necessária agora e o que a permite: o serviço que presta, "
            "a lei que a exige, a autorização recebida. Fica registrada com o seu nome e a data."
        ),
        error_messages={
            "required": _("Escreva a justificativa."),
            "min_length": _("Escreva a justificativa com ao menos uma frase."),
        },
    )


class JustifyView(WagtailAdminTemplateMixin, FormView):
    """Asks why the drafts of some pages are to be published now, and publishes them."""

    form_class = JustificationForm
    template_name = "desk/elections/justify.html"
    page_title = _("Publicar no período eleitoral")
    header_icon = "warning"

    @cached_property
    def pages(self) -> list[Page]:
        asked = [pk for pk in self.request.GET.getlist("pagina") if pk.isdecimal() and len(pk) < 19]
        pages = list(Page.objects.filter(pk__in=asked).specific())
        if not pages:
            raise Http404
        user = self.request.user
        if not all(page.permissions_for_user(user).can_publish() for page in pages):
            raise PermissionDenied
        return pages

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs):
        drafts = [page.get_latest_revision_as_object() for page in self.pages]
        return super().get_context_data(
            drafts=drafts,
            withheld=[each for each in drafts if getattr(each, "is_publicity", False)],
            back_url=self._back_url(),
            **kwargs,
        )

    def _back_url(self) -> str:
        if next_url := get_valid_next_url_from_request(self.request):
            return next_url
        if len(self.pages) == 1:
            return reverse("wagtailadmin_pages:edit", args=[self.pages[0].pk])
        return reverse("wagtailadmin_explore_root")

    def form_valid(self, form):
        # What others have to say before a publication counts here too.
        self.request.is_election_justified = True
        for page in self.pages:
            for hook in hooks.get_hooks("before_publish_page"):
                answer = hook(self.request, page.get_latest_revision_as_object())
                if hasattr(answer, "status_code"):
                    return answer
        rules.publish(self.pages, self.request.user, form.cleaned_data["text"])
        for page in self.pages:
            page.refresh_from_db()
            for hook in hooks.get_hooks("after_publish_page"):
                answer = hook(self.request, page)
                if hasattr(answer, "status_code"):
                    return answer
        number = len(self.pages)
        message = ngettext(
            "Página publicada, com a justificativa registrada.",
            "%(number)d páginas publicadas, com a justificativa registrada.",
            number,
        )
        messages.success(self.request, message % {"number": number})
        return redirect(self._back_url())


class WorkflowAction(GuardedReview):
    """Leads to the justification what was approved and waits for it."""

    def post(self, request, *args, **kwargs):
        response = super().post(request, *args, **kwargs)
        is_waiting = self.action_name == "approve" and rules.is_approved_by(
            self.object, request.user
        )
        if not (is_waiting and rules.period_of(self.object)):
            return response
        address = rules.justify_address([self.object])
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            return self.render_modal_json(request, {"step": "success", "redirect": address})
        return redirect(address)


class RehearsalView(WagtailAdminTemplateMixin, TemplateView):
    """Shows an editor, and nobody else, the site as it is in an election period."""

    template_name = "desk/elections/rehearsal.html"
    page_title = _("Ensaiar o período eleitoral")
    header_icon = "view"

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def post(self, request):
        if request.POST.get("acao") != "sair":
            request.session[REHEARSAL_KEY] = True
            return redirect("/")
        request.session.pop(REHEARSAL_KEY, None)
        came_from = request.headers.get("referer", "")
        is_ours = url_has_allowed_host_and_scheme(
            came_from, {request.get_host()}, require_https=request.is_secure()
        )
        return redirect(came_from if is_ours else "/")


class JustificationReport(ReportView):
    """Who published what in election periods, and why."""

    page_title = _("Publicações no período eleitoral")
    header_icon = "warning"
    index_url_name = "election_report"
    index_results_url_name = "election_report_results"
    default_ordering = "-created_at"
    list_export = [
        "created_at",
        "page_title",
        "is_publicity",
        "user_name",
        "period_name",
        "text",
    ]

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_perm("desk.view_electionjustification"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def columns(self):
        field = ElectionJustification._meta.get_field
        return [
            TitleColumn(
                "page_title",
                label=_("Página"),
                get_url=lambda each: (
                    reverse("wagtailadmin_pages:history", args=[each.page_id])
                    if each.page_id
                    else None
                ),
            ),
            DateColumn("created_at", label=_("Quando"), width="14%"),
            Column("user_name", label=_("Quem"), width="14%"),
            Column("text", label=_("Justificativa"), width="34%"),
            Column("is_publicity", label=_("Situação"), accessor=_standing, width="14%"),
            Column("period_name", label=field("period_name").verbose_name.capitalize()),
        ]

    def get_filename(self):
        return "publicacoes-no-periodo-eleitoral"

    def get_base_queryset(self):
        return ElectionJustification.objects.all()


def _standing(justification: ElectionJustification) -> str:
    return gettext("Publicidade, fora do ar") if justification.is_publicity else gettext("No ar")
