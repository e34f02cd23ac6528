"""As production, but over plain HTTP and serving uploads, which a proxy does for the city."""

from jundiai_global.settings.production import *  # noqa: F403

ROOT_URLCONF = "tests.browser.urls"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
