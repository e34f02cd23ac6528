from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """What those who keep the server need: health, logs, metrics, doctor, backup and restore.

    It stands on the other apps, and neither visitors nor editors see anything of it.
    """

    name = "operations"
    verbose_name = _("Operação")

    def ready(self):
        from . import metrics, request_id

        request_id.connect()
        metrics.connect()
