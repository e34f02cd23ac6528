from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class SignInConfig(AppConfig):
    """Who enters the admin, and how they prove who they are."""

    name = "sign_in"
    verbose_name = _("Entrada na administração")

    def ready(self):
        from . import checks, sessions  # noqa: F401

        user_logged_in.connect(sessions.begin)
