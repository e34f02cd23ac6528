from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """What the site publishes as open data. It stands on the other apps and stores nothing."""

    name = "api"
    verbose_name = _("Dados abertos")
