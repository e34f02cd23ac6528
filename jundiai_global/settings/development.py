"""For one's own machine: SQLite, no secrets, errors shown."""

from .base import *  # noqa: F403
from .base import BASE_DIR, database, env

DEBUG = True
# For development only; production refuses it.
SECRET_KEY = "development-only-not-a-secret"  # noqa: S105
ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": database(env.str("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/var/db.sqlite3"))
}
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=False)
# Whoever changes the source wants to see it at once.
PAGE_CACHE = env.bool("PAGE_CACHE", default=False)
