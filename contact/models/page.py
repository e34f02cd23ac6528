from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.forms.models import FormMixin, validate_to_address
from wagtail.contrib.routable_page.models import RoutablePageMixin, path

from pages.limits import seconds_to_wait
from pages.models import StandardPage
from pages.page_form import SitePageForm

from ..consent import CURRENT
from ..delivery import deliver_soon
from ..forms import ContactForm
from .message import ContactMessage, messages_kept_for

#: Messages that one address may send, in so many seconds: more than a person writes.
LIMIT, LIMIT_SECONDS = 5, 10 * 60


class ContactPage(RoutablePageMixin, FormMixin, StandardPage):
    """How to reach the office, with a form to write to it.

    Wagtail's form pages with fields of our own: what is asked of visitors is no more than an answer
    needs (Lei 13.709/2018, art. 6, III).
    """

    recipients = models.CharField(
        _("quem recebe as mensagens por e-mail"),
        max_length=500,
        blank=True,
        validators=[validate_to_address],
        help_text=_(
            "Endereços separados por vírgulas. Sem eles as mensagens ficam só em Mensagens, no "
            "menu ao lado. Estes endereços não aparecem no site."
        ),
    )

    parent_page_types = ["pages.HomePage"]
    subpage_types: list = []
    max_count_per_parent = 1
    page_description = _("Como falar com a Assessoria, com um formulário.")
    #: The form is for everyone: it cannot be put behind a password.
    private_page_options: list = []
    landing_page_template = "contact/contact_page_sent.html"

    base_form_class = SitePageForm

    content_panels = [*StandardPage.content_panels, FieldPanel("recipients")]

    class Meta:
        verbose_name = _("página de contato")
        verbose_name_plural = _("páginas de contato")

    # Addresses -----------------------------------------------------------------------------

    @path("")
    def write(self, request):
        return self.form_response(request, self.get_form(page=self))

    @path("enviada/", name="sent")
    def sent(self, request):
        return self.render_landing_page(request)

    def get_route_paths(self):
        """All addresses of the page, for redirects to be made when its own changes."""
        return ["/", "/enviada/"]

    def receive(self, request):
        """Keep the message that was sent, and lead to the page that says so (RFC 9110, 15.4.4).

        What cannot be kept is shown again with all that was typed, and says what to mend.
        """
        form = self.get_form(request.POST, page=self)
        if not form.is_valid():
            return self.form_response(request, form, status=422)
        if wait := seconds_to_wait(request, "contact", LIMIT, LIMIT_SECONDS):
            form.ask_to_wait(wait)
            response = self.form_response(request, form, status=429)
            response.headers["Retry-After"] = str(wait)
            return response
        if self.process_form_submission(form) is None:
            form.refuse_used_token()
            return self.form_response(request, form, status=422)
        response = HttpResponseRedirect(self.get_url(request) + "enviada/", status=303)
        response.headers["Cache-Control"] = "no-store"
        return response

    def form_response(self, request, form: ContactForm, status: int = 200):
        """The page with ``form``. Nobody keeps it: it has a token, and what a visitor wrote."""
        if form.errors:
            self.part_title = gettext("Erro: %(title)s") % {"title": self.title}
            self.is_noindex = True
        context = {**self.get_context(request), "form": form, "action": self.action}
        response = TemplateResponse(request, self.template, context, status=status)
        response.headers["Cache-Control"] = "no-store"
        return response

    @property
    def action(self) -> str:
        """Where the form is sent."""
        return reverse("send_message", args=[self.pk or 0])

    # Messages ------------------------------------------------------------------------------

    def get_form_class(self):
        return ContactForm

    def get_data_fields(self):
        fields = ("submit_time", "name", "email", "subject", "text")
        return [(name, ContactMessage._meta.get_field(name).verbose_name) for name in fields]

    def get_submission_class(self):
        return ContactMessage

    def process_form_submission(self, form: ContactForm) -> ContactMessage | None:
        """The message, kept once however often the form comes, and its e-mail set going.

        None when another message came with the same form before.
        """
        data = form.cleaned_data
        written = {name: data[name] for name in ("name", "email", "subject", "text")}
        now = timezone.now()
        nonce = form.sent_token.nonce
        try:
            with transaction.atomic():
                message = ContactMessage.objects.create(
                    page=self,
                    **written,
                    language_code=self.language_code,
                    nonce=nonce,
                    consent_version=CURRENT,
                    consented_at=now,
                    keep_until=now + messages_kept_for(),
                    next_attempt_at=now if self.recipients.strip() else None,
                )
                deliver_soon(message)
        except IntegrityError:
            # The button was pressed twice, or the form was sent again with another text.
            return ContactMessage.objects.filter(nonce=nonce, **written).first()
        return message

    def render_landing_page(self, request, form_submission=None, *args, **kwargs):
        self.part_title = gettext("Mensagem enviada")
        self.part_path = "enviada/"
        self.part_trail = ((self.part_title, self.part_path),)
        self.is_noindex = True
        context = {**self.get_context(request), "days": settings.CONTACT_MESSAGES_KEPT_DAYS}
        response = TemplateResponse(request, self.landing_page_template, context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def serve_preview(self, request, mode_name):
        if mode_name == "landing":
            return self.render_landing_page(request)
        return self.form_response(request, self.get_form(page=self))
