"""For servers that the tests start: each process watches the stamp, as in production."""

from jundiai_global.settings.test import *  # noqa: F403
from jundiai_global.settings.test import CACHES, env

PAGE_CACHE_WATCHES = True
CACHES["pages"]["LOCATION"] = env.str("SHARED_PAGES")
MEDIA_ROOT = env.str("MEDIA_ROOT")
