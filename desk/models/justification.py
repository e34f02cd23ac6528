from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from pages.models import ElectionPeriod


class ElectionJustification(models.Model):
    """Why somebody published news or a video during an election period.

    It is kept as it was written, when the page, the person or the period are gone.
    """

    page = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("página")
    )
    page_title = models.CharField(_("título da página"), max_length=255)
    #: Whether the page was publicity, and so stays withheld until the end of the period.
    is_publicity = models.BooleanField(_("publicidade institucional"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("pessoa"),
    )
    user_name = models.CharField(_("nome de quem publicou"), max_length=255)
    period = models.ForeignKey(
        ElectionPeriod,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("período eleitoral"),
    )
    period_name = models.CharField(_("eleição"), max_length=120)
    text = models.TextField(_("justificativa"))
    created_at = models.DateTimeField(_("quando"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("justificativa de publicação")
        verbose_name_plural = _("justificativas de publicação")
        ordering = ["-created_at", "-pk"]
        # Written by the site, read by the administration, changed by nobody.
        default_permissions = ("view",)

    def __str__(self):
        return self.page_title
