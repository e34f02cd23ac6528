from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pages.models import StandardPage

from ..panels import OfficerMissingPanel
from .officer import DataOfficer


class PrivacyPage(StandardPage):
    """What the site does with personal data (Lei 13.709/2018, arts. 9 and 23, I).

    The editors write the text. What is kept, for how long, and who answers for it come from the
    settings, so that they are what the site does.
    """

    parent_page_types = ["pages.HomePage"]
    subpage_types: list = []
    max_count_per_parent = 1
    page_description = _(
        "O que o site faz com dados pessoais. Os prazos e o encarregado entram sozinhos."
    )

    content_panels = [OfficerMissingPanel(), *StandardPage.content_panels]

    class Meta:
        verbose_name = _("página de privacidade")
        verbose_name_plural = _("páginas de privacidade")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["message_days"] = settings.CONTACT_MESSAGES_KEPT_DAYS
        context["log_days"] = settings.LOGS_KEPT_DAYS
        context["officer"] = DataOfficer.known()
        return context
