"""What is the same wherever the site runs. What differs comes from the environment."""

import mimetypes
import os
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

# Types that Debian's tables lack or name in another way.
mimetypes.add_type("text/vtt", ".vtt")
mimetypes.add_type("image/avif", ".avif")

INSTALLED_APPS = [
    "jundiai_global",
    "desk",
    "sign_in",
    "api",
    "search",
    "news",
    "goals",
    "pages",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "desk.people_app.PeopleConfig",  # wagtail.users
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "modelcluster",
    "taggit",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "sign_in.networks.AdminNetworksMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # With random bytes that hide the length of secrets (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "pages.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "sign_in.sessions.SessionEndMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pages.middleware.InForceMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "desk.history.HistoryMiddleware",
]

ROOT_URLCONF = "jundiai_global.urls"
WSGI_APPLICATION = "jundiai_global.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# SQLite as a server: readers do not wait for the writer, and a writer takes its lock at the
# beginning, so that it waits for its turn instead of failing half-way.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
        "PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
    ),
}


def database(url: str) -> dict:
    """Settings of the database at ``url`` (``postgres://…`` or ``sqlite:///…``)."""
    config = env.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {**SQLITE_OPTIONS, **config.get("OPTIONS", {})}
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Addresses of image versions, which never change once made.
    "renditions": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "renditions",
        "TIMEOUT": 600,
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
    # How often each visitor asked for open data in this minute.
    "limits": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}

# Languages ---------------------------------------------------------------------------------

LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", "Português"), ("en", "English"), ("es", "Español")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
WAGTAILADMIN_PERMITTED_LANGUAGES = [("pt-br", "Português do Brasil")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "America/Sao_Paulo"
USE_TZ = True

# Files -------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))()
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))()
#: Files that no visitor may fetch: no server has an address for them.
PRIVATE_ROOT = env.path("PRIVATE_ROOT", default=str(BASE_DIR / "var" / "private"))()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A page of the admin with a long body has a field for every cell of its tables.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Wagtail -----------------------------------------------------------------------------------

SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")

WAGTAIL_SITE_NAME = "Jundiaí Global"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAIL_WORKFLOW_ENABLED = True
# Notices go to the groups that review; superusers who review are in one.
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False
WAGTAIL_FINISH_WORKFLOW_ACTION = "desk.elections.approval.publish_approved"
WAGTAILADMIN_USER_LOGIN_FORM = "sign_in.forms.SignInForm"
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "sign_in.forms.PasswordResetForm"  # noqa: S105

WAGTAILIMAGES_IMAGE_MODEL = "pages.SiteImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "pages.library.forms.SiteImageForm"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 64_000_000
WAGTAILIMAGES_AVIF_QUALITY = 60
WAGTAILIMAGES_WEBP_QUALITY = 76
WAGTAILIMAGES_JPEG_QUALITY = 78

WAGTAILDOCS_DOCUMENT_MODEL = "pages.SiteDocument"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "pages.library.forms.SiteDocumentForm"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "txt", "xlsx"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 50 * 1024 * 1024

# No address is ever asked of another service: videos by address are read by `pages`.
WAGTAILEMBEDS_FINDERS = []
WAGTAILSEARCH_BACKENDS = {
    "default": {
        "BACKEND": "wagtail.search.backends.database",
        # PostgreSQL's way to read the words; made by the migrations of `pages`.
        "SEARCH_CONFIG": "portuguese_unaccent",
    }
}

# Open data ---------------------------------------------------------------------------------

#: How often one address may ask in a minute, by kind of answer.
API_REQUESTS_PER_MINUTE = {
    "json": env.int("API_REQUESTS_PER_MINUTE", default=120),
    "csv": env.int("API_CSV_PER_MINUTE", default=10),
}
#: The header in which a proxy says who asks; empty, the address of the connection is taken.
CLIENT_ADDRESS_HEADER = env.str("CLIENT_ADDRESS_HEADER", default="")

# The editors' desk -------------------------------------------------------------------------

#: Days after which a page is to be read again by the person who answers for it. The law asks for
#: what is up to date (Lei 12.527/2011, art. 8, § 3, VI) and names no term; half a year lets no
#: page miss a change of office-holders or of contacts for long, and asks little of a small team.
REVIEW_PAGES_EVERY_DAYS = 180

# Security ----------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "sign_in.passwords.LengthValidator"},
    {"NAME": "sign_in.passwords.BlocklistValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
#: Of what no password may be made alone: what anybody would try here.
PASSWORD_CONTEXT_WORDS = [
    *("jundiaí", "global", "prefeitura", "município", "assessoria", "cooperação"),
    *("internacional", "aci", "administração", "redação", "edição", "senha", "admin"),
]
#: Whether those who publish or look after people enter with a second factor, and others with a
#: short password too.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=True)
#: Where the admin is, and from which networks; empty, from any.
ADMIN_PATH = env.str("ADMIN_PATH", default="admin").strip("/")
ADMIN_NETWORKS = env.list("ADMIN_NETWORKS", default=[])
#: How long one stays signed in without work, and whatever is done.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_MINUTES", default=60) * 60
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 60 * 60
# A link for a new password is as good as one.
PASSWORD_RESET_TIMEOUT = 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
#: By what a browser is recognised from which somebody signed in before.
BROWSER_COOKIE_NAME = "browser"
MESSAGE_STORAGE = "sign_in.messages.MessageStorage"
MESSAGES_COOKIE_NAME = "messages"

SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# The admin shows previews of the pages in frames of its own.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
CSRF_COOKIE_HTTPONLY = True

#: For visitors: nothing but what this site serves itself (https://www.w3.org/TR/CSP3/).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'self'"],
        "object-src": ["'none'"],
    }
}
#: For editors: what Wagtail's interface needs, still from this site only.
ADMIN_CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-inline'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'self'"],
        "object-src": ["'none'"],
    }
}
