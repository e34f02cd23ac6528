from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """The editors' desk: who may do what, what waits for whom, what is to be mended, what was done.

    It stands on the other apps, and no visitor sees anything of it.
    """

    name = "desk"
    verbose_name = _("Mesa de redação")
