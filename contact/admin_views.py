"""Where the office reads what visitors wrote, and does what they ask for.

What they may ask for is in Lei 13.709/2018, art. 18.
"""

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import BaseListingView
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.log_actions import log

from .models import ContactMessage

ANSWERED, REOPENED = "contact.answered", "contact.reopened"
ERASED, EXPORTED = "contact.erased", "contact.exported"

#: The columns of a spreadsheet.
EXPORTED_FIELDS = [
    "pk",
    "submit_time",
    "name",
    "email",
    "subject",
    "text",
    "language_code",
    "state",
    "delivery",
    "consented_at",
    "consent_version",
    "keep_until",
]
EXPORT_HEADINGS = {
    "pk": _("Número"),
    "submit_time": _("Recebida em"),
    "state": _("Situação"),
    "delivery": _("E-mail à Assessoria"),
}


def may_read(user) -> bool:
    return user.has_perm("contact.view_contactmessage")


def may_answer(user) -> bool:
    return user.has_perm("contact.change_contactmessage")


def may_erase(user) -> bool:
    return user.has_perm("contact.delete_contactmessage")


class ReadersOnly:
    """For those who may read messages. What they see is kept by no browser."""

    may_see = staticmethod(may_read)

    @method_decorator(never_cache)
    def dispatch(self, request, *args, **kwargs):
        if not self.may_see(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ErasersOnly(ReadersOnly):
    """For those who may erase messages, and hand them out to who wrote them."""

    may_see = staticmethod(may_erase)


class MessageSheet(SpreadsheetExportMixin):
    """Wagtail's spreadsheets of messages, in which no text is run as a formula."""

    list_export = EXPORTED_FIELDS
    export_headings = EXPORT_HEADINGS

    def get_filename(self):
        return f"mensagens-{timezone.localdate():%Y-%m-%d}"

    def preprocess_field_value(self, field, value, export_format):
        """Spreadsheets run what begins like a formula; a visitor must not make them.

        https://owasp.org/www-community/attacks/CSV_Injection. Excel's own format keeps text as it
        is: Wagtail writes it as such.
        """
        value = super().preprocess_field_value(field, value, export_format)
        is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        return f"'{value}" if is_formula and export_format == self.FORMAT_CSV else value


class MessageFilter(WagtailFilterSet):
    situacao = django_filters.ChoiceFilter(
        label=_("Situação"),
        choices=[
            ("por-responder", _("Por responder")),
            ("respondidas", _("Respondidas")),
            ("falhou", _("O e-mail falhou")),
        ],
        method="with_state",
        empty_label=_("Todas"),
        widget=forms.RadioSelect,
    )
    submit_time = django_filters.DateFromToRangeFilter(
        label=_("Recebida em"), widget=DateRangePickerWidget
    )

    class Meta:
        model = ContactMessage
        fields: list = []

    def with_state(self, queryset, name, value):
        if value == "por-responder":
            return queryset.unanswered()
        if value == "respondidas":
            return queryset.exclude(answered_at=None)
        return queryset.undelivered()


def _last_day(message: ContactMessage) -> str:
    return date_format(timezone.localtime(message.keep_until), "SHORT_DATE_FORMAT")


class MessagesView(ReadersOnly, MessageSheet, BaseListingView):
    """All messages, the newest first."""

    model = ContactMessage
    page_title = _("Mensagens")
    header_icon = "mail"
    paginate_by = 50
    default_ordering = "-submit_time"
    index_url_name = "contact_messages:index"
    index_results_url_name = "contact_messages:index_results"
    template_name = "contact/messages/index.html"
    results_template_name = "contact/messages/index_results.html"
    filterset_class = MessageFilter
    columns = [
        TitleColumn(
            "subject",
            label=_("Assunto"),
            get_url=lambda message: reverse("contact_messages:read", args=[message.pk]),
        ),
        Column("email", label=_("De"), accessor=lambda message: message.name or message.email),
        DateColumn("submit_time", label=_("Recebida")),
        Column("state", label=_("Situação"), accessor="state"),
        Column("delivery", label=_("E-mail"), accessor="delivery"),
        Column("keep_until", label=_("Some em"), accessor=_last_day),
    ]

    def get_base_queryset(self):
        return ContactMessage.objects.order_by("-submit_time", "-pk")

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            "undelivered": ContactMessage.objects.undelivered().count(),
            "may_erase": may_erase(self.request.user),
        }

    def render_to_response(self, context, **response_kwargs):
        if self.is_export:
            return self.as_spreadsheet(context["object_list"], self.request.GET.get("export"))
        return super().render_to_response(context, **response_kwargs)


class MessageView(ReadersOnly, View):
    """One message."""

    def get(self, request, pk):
        rows = ContactMessage.objects.select_related("page", "answered_by")
        return TemplateResponse(
            request,
            "contact/messages/read.html",
            {
                "message": get_object_or_404(rows, pk=pk),
                "may_answer": may_answer(request.user),
                "may_erase": may_erase(request.user),
            },
        )


@require_POST
def mark_answered(request, pk):
    """Say that a message was answered, or that it was not after all."""
    if not may_answer(request.user):
        raise PermissionDenied
    message = get_object_or_404(ContactMessage, pk=pk)
    is_answered = request.POST.get("answered") == "1"
    message.answered_at = timezone.now() if is_answered else None
    message.answered_by = request.user if is_answered else None
    with transaction.atomic():
        message.save(update_fields=["answered_at", "answered_by"])
        log(message, ANSWERED if is_answered else REOPENED, user=request.user)
    messages.success(
        request,
        gettext("A mensagem está entre as respondidas.")
        if is_answered
        else gettext("A mensagem voltou para as por responder."),
    )
    return redirect("contact_messages:read", pk)


def erase(rows, user) -> int:
    """Erase messages for good, and write down that it was done, not what they were.

    Gives their number.
    """
    with transaction.atomic():
        found = list(rows.select_for_update())
        for message in found:
            log(message, ERASED, user=user, deleted=True)
        ContactMessage.objects.filter(pk__in=[message.pk for message in found]).delete()
    return len(found)


class EraseView(ErasersOnly, View):
    """Erases one message."""

    def get(self, request, pk):
        message = get_object_or_404(ContactMessage, pk=pk)
        return TemplateResponse(request, "contact/messages/erase.html", {"message": message})

    def post(self, request, pk):
        get_object_or_404(ContactMessage, pk=pk)
        erase(ContactMessage.objects.filter(pk=pk), request.user)
        messages.success(request, gettext("A mensagem foi apagada."))
        return redirect("contact_messages:index")


class PersonForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail da pessoa"),
        max_length=254,
        help_text=_("O endereço que ela pôs no formulário."),
        error_messages={
            "required": _("Escreva o e-mail da pessoa."),
            "invalid": _("Confira o e-mail. Ele deve ser como nome@exemplo.org"),
        },
    )


class PersonView(ErasersOnly, MessageSheet, View):
    """All that a person sent, to hand out to them or to erase.

    The address is sent in the body of the request: addresses of pages are written to logs.
    """

    def get(self, request):
        return self._show(PersonForm())

    def post(self, request):
        form = PersonForm(request.POST)
        if not form.is_valid():
            return self._show(form)
        found = ContactMessage.objects.sent_by(form.cleaned_data["email"])
        action = request.POST.get("action")
        if action in self.FORMATS:
            return self._export(list(found), action)
        if action == "erase":
            return self._erase(found)
        return self._show(form, list(found))

    def _show(self, form, found=None):
        return TemplateResponse(
            self.request, "contact/messages/person.html", {"form": form, "found": found}
        )

    def _export(self, found, spreadsheet_format):
        with transaction.atomic():
            for message in found:
                log(message, EXPORTED, user=self.request.user)
        return self.as_spreadsheet(found, spreadsheet_format)

    def _erase(self, found):
        count = erase(found, self.request.user)
        messages.success(
            self.request,
            ngettext(
                "%(count)d mensagem foi apagada. Apague também as cópias nas caixas de e-mail.",
                "%(count)d mensagens foram apagadas. Apague também as cópias nas caixas de e-mail.",
                count,
            )
            % {"count": count},
        )
        return redirect("contact_messages:index")

    def get_heading(self, queryset, field):
        return super().get_heading(ContactMessage.objects.none(), field)
