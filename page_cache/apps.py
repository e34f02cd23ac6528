from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class PageCacheConfig(AppConfig):
    """Whole pages for visitors, kept for as long as nothing that they show has changed."""

    name = "page_cache"
    verbose_name = _("Páginas guardadas")

    def ready(self):
        from . import cdn, checks, triggers  # noqa: F401

        cdn.connect()

        pre_migrate.connect(triggers.make_way, sender=self)
        post_migrate.connect(triggers.install_after_migrate, sender=self)
