"""For the tests: as production, but with a database and files that are thrown away."""

import tempfile

from .base import *  # noqa: F403
from .base import CACHES, STORAGES, database, env

DEBUG = False
SECRET_KEY = "test-only-not-a-secret"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "testserver", "127.0.0.1"]
SITE_URL = WAGTAILADMIN_BASE_URL = "http://localhost"
DATABASES = {"default": database(env.str("DATABASE_URL", default="sqlite://:memory:"))}
# Asked for by the tests that are about it.
REQUIRE_SECOND_FACTOR = False
PAGE_CACHE_WATCHES = False
RENDITIONS_IN_BACKGROUND = False
CACHES["pages"]["LOCATION"] = tempfile.mkdtemp(prefix="jundiai-pages-")
MEDIA_ROOT = tempfile.mkdtemp(prefix="jundiai-media-")
STATIC_ROOT = tempfile.mkdtemp(prefix="jundiai-static-")
STORAGES = {
    **STORAGES,
    "private": {
        **STORAGES["private"],
        "OPTIONS": {"location": tempfile.mkdtemp(prefix="jundiai-private-"), "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
