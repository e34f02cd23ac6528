"""As production, but without static files that were collected: nobody looks at these pages."""

from jundiai_global.settings.production import *  # noqa: F403
from jundiai_global.settings.production import STORAGES

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
