"""Production's settings, with Django's cache middleware in the place of ours.

In the order of its documentation, the one first and the other last, and in memory, which is its
fastest (https://docs.djangoproject.com/en/5.2/topics/cache/#the-per-site-cache).
"""

from jundiai_global.settings.production import *  # noqa: F403 - all of them
from jundiai_global.settings.production import MIDDLEWARE

PAGE_CACHE = False
CACHE_MIDDLEWARE_SECONDS = 3600
MIDDLEWARE = [
    "django.middleware.cache.UpdateCacheMiddleware",
    *MIDDLEWARE,
    "django.middleware.cache.FetchFromCacheMiddleware",
]
