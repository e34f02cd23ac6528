from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """The editors' desk: who may do what, what waits for whom, what is to be mended, what was done.

    It stands on the other apps, and no visitor sees anything of it.
    """

    name = "desk"
    verbose_name = _("Mesa de redação")

    def ready(self):
        from . import history, notices, roles
        from .links import signals as link_signals
        from .review import signals as review_signals
        from .trash import signals as trash_signals

        post_migrate.connect(roles.sync_after_migrate, sender=self)
        for each in (history, notices, link_signals, review_signals, trash_signals):
            each.connect()
