"""For the servers of the faults: as production, with static files as they lie in the source.

To collect and compress those of the admin takes longer than all the faults.
"""

from jundiai_global.settings.production import *  # noqa: F403
from jundiai_global.settings.production import STORAGES

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
