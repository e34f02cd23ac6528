"""As production, but over plain HTTP and serving uploads, which a proxy does for the city."""

from jundiai_global.settings.production import *  # noqa: F403
from jundiai_global.settings.production import env

ROOT_URLCONF = "tests.browser.urls"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "session", "csrf"
BROWSER_COOKIE_NAME, MESSAGES_COOKIE_NAME = "browser", "messages"
# Asked for by the tests that are about it, at a server of their own.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=False)
