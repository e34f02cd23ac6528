from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.forms.models import AbstractFormSubmission
from wagtail.models import Page

from ..consent import CONSENTS, Consent

#: How long the next attempt to deliver waits after each failure; the last repeats.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240))


def messages_kept_for() -> timedelta:
    return timedelta(days=settings.CONTACT_MESSAGES_KEPT_DAYS)


class ContactMessageQuerySet(models.QuerySet):
    def expired(self, now: datetime | None = None):
        """Those that were to be kept until now at most."""
        return self.filter(keep_until__lte=now or timezone.now())

    def due(self, now: datetime | None = None):
        """Those whose e-mail is to be tried now."""
        return self.filter(next_attempt_at__lte=now or timezone.now())

    def undelivered(self):
        """Those whose e-mail failed at least once and has not left since."""
        return self.filter(next_attempt_at__isnull=False, attempts__gt=0)

    def unanswered(self):
        return self.filter(answered_at=None)

    def sent_by(self, address: str):
        """All that came from an e-mail address, however its letters were written."""
        return self.filter(email__iexact=address.strip())


class ContactMessage(AbstractFormSubmission):
    """What a visitor wrote to the office.

    Its text in the admin's lists and history is its number only: those outlive the message, and
    must not keep what was erased (Lei 13.709/2018, arts. 16 and 18).
    """

    # In the place of Wagtail's: what was written has columns, so that it can be found by address.
    form_data = None
    # A message outlives its page.
    page = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("página")
    )
    name = models.CharField(_("nome"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, db_index=True)
    subject = models.CharField(_("assunto"), max_length=120)
    text = models.TextField(_("mensagem"))
    language_code = models.CharField(_("língua"), max_length=10)

    #: Of the form that it came with: the same form sent twice is one message.
    nonce = models.CharField(max_length=40, unique=True, editable=False)

    consent_version = models.PositiveSmallIntegerField(_("texto da concordância"))
    consented_at = models.DateTimeField(_("concordou em"))
    #: What the sender was told, whatever the setting says later.
    keep_until = models.DateTimeField(_("guardada até"), db_index=True)

    #: When the e-mail is to be tried (again); None when it has left, or there is nobody to send to.
    next_attempt_at = models.DateTimeField(null=True, editable=False, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    delivered_at = models.DateTimeField(_("enviada por e-mail em"), null=True, editable=False)

    answered_at = models.DateTimeField(_("respondida em"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("respondida por"),
    )

    objects = ContactMessageQuerySet.as_manager()

    #: That it came by a page is no use of the page.
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("mensagem")
        verbose_name_plural = _("mensagens")
        # Nobody but a visitor writes one.
        default_permissions = ("view", "change", "delete")
        ordering = ["-submit_time", "-pk"]
        indexes = [models.Index(F("submit_time").desc(), F("id").desc(), name="contact_newest")]

    def __str__(self):
        return gettext("Mensagem nº %(number)d") % {"number": self.pk or 0}

    def get_data(self) -> dict:
        """What Wagtail shows of a form's submission."""
        names = ("submit_time", "name", "email", "subject", "text")
        return {name: getattr(self, name) for name in names}

    @property
    def consent(self) -> Consent | None:
        """The text that the sender agreed to."""
        return CONSENTS.get(self.consent_version)

    @property
    def consent_purpose(self) -> str:
        """What the sender was told of the message's data, in Portuguese."""
        days = (self.keep_until - self.consented_at).days
        return self.consent.purpose_for(days) if self.consent else ""

    @property
    def delivery(self) -> str:
        """What became of its e-mail, in words."""
        if self.delivered_at:
            return gettext("Enviada por e-mail")
        if self.next_attempt_at is None:
            return gettext("Só neste site: não há para quem enviar")
        if self.attempts:
            return gettext("O e-mail falhou; será tentado de novo")
        return gettext("A enviar")

    @property
    def state(self) -> str:
        return gettext("Respondida") if self.answered_at else gettext("Por responder")

    def claim(self) -> bool:
        """Take the next attempt to deliver for oneself; False when another process has it.

        The time of the attempt after that is written first: if this process is killed, the
        message is tried again.
        """
        now = timezone.now()
        wait = WAITS[min(self.attempts, len(WAITS) - 1)]
        mine = type(self).objects.filter(
            Q(next_attempt_at__lte=now), pk=self.pk, attempts=self.attempts
        )
        taken = mine.update(attempts=F("attempts") + 1, next_attempt_at=now + wait)
        if taken:
            self.refresh_from_db(fields=["attempts", "next_attempt_at"])
        return bool(taken)

    def mark_delivered(self):
        self.delivered_at, self.next_attempt_at = timezone.now(), None
        self.save(update_fields=["delivered_at", "next_attempt_at"])

    def give_up_delivery(self):
        """There is nobody to send it to."""
        self.next_attempt_at = None
        self.save(update_fields=["next_attempt_at"])
