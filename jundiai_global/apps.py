from django.apps import AppConfig


class JundiaiGlobalConfig(AppConfig):
    """The roof: it brings the set-up commands."""

    name = "jundiai_global"
    verbose_name = "Jundiaí Global"
