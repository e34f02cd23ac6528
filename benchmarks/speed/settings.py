"""Production's settings, with Django's cache middleware in the place of ours.

Before everything else and in memory, which is the fastest that it can be: the usual order, with
``FetchFromCacheMiddleware`` at the end, goes through all other middleware first
(https://docs.djangoproject.com/en/5.2/topics/cache/#the-per-site-cache).
"""

from jundiai_global.settings.production import *  # noqa: F403
from jundiai_global.settings.production import MIDDLEWARE

PAGE_CACHE = False
CACHE_MIDDLEWARE_SECONDS = 3600
MIDDLEWARE = [
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
    *MIDDLEWARE,
]
