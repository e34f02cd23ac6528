from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class NewsConfig(AppConfig):
    name = "news"
    verbose_name = _("Notícias")

    def ready(self):
        from . import signals

        post_migrate.connect(signals.count_what_was_never_counted, sender=self)
