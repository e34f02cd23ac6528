from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactConfig(AppConfig):
    """How visitors write to the office, and what the site keeps of anybody.

    The contact form and its messages, the privacy page and who answers for personal data.
    """

    name = "contact"
    verbose_name = _("Contato e privacidade")
