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
    "operations",
    "desk",
    "sign_in",
    "api",
    "search",
    "news",
    "goals",
    "contact",
    "page_cache",
    "pages",
    "wagtail.contrib.forms",
    "wagtail.contrib.settings",
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
    # For its words: Wagtail says with them how long ago something was.
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "operations.request_id.RequestIdMiddleware",
    "operations.metrics.MetricsMiddleware",
    "pages.headers.HeadersMiddleware",
    # Before whatever asks for the host, https, a cookie or the database.
    "operations.health.HealthMiddleware",
    "sign_in.networks.AdminNetworksMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # What is kept for all is compressed once; the rest here, with random bytes that hide the length
    # of secrets (BREACH).
    "page_cache.middleware.KeepingMiddleware",
    "pages.middleware.ContentSecurityPolicyMiddleware",
    "pages.refusals.RequestLimitsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Needs to know who asks, and goes before whatever reads a body.
    "pages.refusals.BodyLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "sign_in.sessions.SessionEndMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pages.middleware.InForceMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "desk.whole.WholeRequestMiddleware",
    "desk.history.HistoryMiddleware",
]

ROOT_URLCONF = "jundiai_global.urls"
WSGI_APPLICATION = "jundiai_global.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "jundiai_global.template_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# SQLite as a server: readers do not wait for the writer, and a writer takes its lock at the
# beginning, so that it waits for its turn instead of failing half-way. What is told as saved is on
# the disk: with `synchronous=NORMAL` a power cut may take back the last transactions.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
    ),
}


#: How many connections each process of the server may have to PostgreSQL, as gunicorn.conf.py says;
#: 0 for commands, which need no pool.
DATABASE_POOL_SIZE = int(os.environ.get("SERVER_POOL_SIZE", "0"))
#: Of psycopg's pool. One connection is always there, others come with the work and go after some
#: minutes without any. Who gets none within ``timeout`` seconds is told so (503), for whoever
#: waits holds up a thread that could answer others. ``reconnect_timeout`` is no longer, so that the
#: first who comes after an outage has the server asked again at once.
DATABASE_POOL_OPTIONS = {"min_size": 1, "timeout": 2, "reconnect_timeout": 2, "max_idle": 300}

#: For each connection, over a network: a machine that is gone without a word is noticed within a
#: minute (https://www.postgresql.org/docs/current/libpq-connect.html). ``tcp_user_timeout`` is in
#: milliseconds, all else in seconds.
DATABASE_CONNECTION_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def database(url: str) -> dict:
    """Settings of the database at ``url`` (``postgres://…`` or ``sqlite:///…``)."""
    config = env.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {**SQLITE_OPTIONS, **config.get("OPTIONS", {})}
        return config
    # With a pool: each connection is tried before it is given to a request.
    config["CONN_HEALTH_CHECKS"] = True
    is_postgresql = config["ENGINE"] == "django.db.backends.postgresql"
    if is_postgresql:
        config["OPTIONS"] = {**DATABASE_CONNECTION_OPTIONS, **config.get("OPTIONS", {})}
    if DATABASE_POOL_SIZE and is_postgresql:
        config["OPTIONS"]["pool"] = {**DATABASE_POOL_OPTIONS, "max_size": DATABASE_POOL_SIZE}
    else:
        config["CONN_MAX_AGE"] = 60
    return config


def replica(url: str) -> dict:
    """Settings of a streaming replica of the database: read only, and given up soon."""
    config = database(url)
    options = config.setdefault("OPTIONS", {})
    limits = "-c default_transaction_read_only=on -c statement_timeout=2000"
    options["options"] = f"{options.get('options', '')} {limits}"
    options["connect_timeout"] = 2  # libpq takes no less
    if "pool" in options:
        options["pool"]["timeout"] = 0.5
    return config


# The page cache ----------------------------------------------------------------------------

#: Whether visitors' pages are kept whole: see docs/operations.md.
PAGE_CACHE = env.bool("PAGE_CACHE", default=True)
#: Whether a thread in each process reads the stamp of the content, or each request does.
PAGE_CACHE_WATCHES = True
#: Addresses that must not wait for the database: of health.
PAGE_CACHE_PASSES = ["/healthz", "/readyz"]
#: How many requests of a process may wait for the database at once: a quarter of its threads stays
#: free for kept pages. `gunicorn.conf.py` has the same number of threads.
PAGE_CACHE_ROOM = max(1, env.int("WEB_THREADS", default=8) * 3 // 4)
#: How much of them each process keeps in memory, and how much all together on the disk, in bytes.
PAGE_CACHE_MEMORY_BYTES = env.int("PAGE_CACHE_MEMORY_MB", default=24) * 2**20
PAGE_CACHE_DISK_BYTES = env.int("PAGE_CACHE_DISK_MB", default=256) * 2**20
#: A file that is written anew when a page is withdrawn, for who keeps pages outside of the site.
PAGE_CACHE_WITHDRAWALS_FILE = env.str("PAGE_CACHE_WITHDRAWALS_FILE", default="")
#: A folder in memory, through which nginx gets pages without asking for each; none if empty.
PAGE_CACHE_LEASES = env.str("PAGE_CACHE_LEASES", default="")
PAGE_CACHE_ROOT = env.path("PAGE_CACHE_ROOT", default=str(BASE_DIR / "var" / "pages"))()


def shared_pages(redis_url: str) -> dict:
    """Where processes share pages: Redis or Valkey at ``redis_url`` or, without it, the disk."""
    if redis_url:
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": "jundiai",
            "OPTIONS": {
                "serializer": "page_cache.shared.BytesOnly",
                # Seconds; a page can always be drawn instead.
                "socket_timeout": 0.2,
                "socket_connect_timeout": 0.2,
            },
        }
    return {
        "BACKEND": "page_cache.disk.DiskCache",
        "LOCATION": PAGE_CACHE_ROOT,
        "OPTIONS": {"MAX_BYTES": PAGE_CACHE_DISK_BYTES},
    }


CACHES = {
    "pages": shared_pages(env.str("REDIS_URL", default="")),
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Addresses of image versions, which never change once made.
    "renditions": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "renditions",
        "TIMEOUT": 600,
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
    # How often each visitor asked for what costs much, in this minute.
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
#: Where visitors fetch the media: below this site's own address, or at another one.
MEDIA_URL = f"{env.str('S3_PUBLIC_URL', default='').rstrip('/') or '/media'}/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))()
#: Files that no visitor may fetch: no server has an address for them.
PRIVATE_ROOT = env.path("PRIVATE_ROOT", default=str(BASE_DIR / "var" / "private"))()


def buckets(service: dict[str, str]) -> dict:
    """Storages of media and private files in two buckets of an S3-compatible service."""
    common = {
        "endpoint_url": service["S3_ENDPOINT_URL"],
        "region_name": env.str("S3_REGION", default="us-east-1"),
        "access_key": service["S3_ACCESS_KEY"],
        "secret_key": service["S3_SECRET_KEY"],
    }
    media = {**common, "bucket_name": service["S3_MEDIA_BUCKET"], "base_url": MEDIA_URL}
    if acl := env.str("S3_MEDIA_ACL", default=""):
        media["default_acl"] = acl
    private = {**common, "bucket_name": service["S3_PRIVATE_BUCKET"]}
    backend = "pages.library.buckets.BucketStorage"
    return {
        "default": {"BACKEND": backend, "OPTIONS": media},
        "private": {"BACKEND": backend, "OPTIONS": private},
    }


#: What is needed to keep files in an S3-compatible service; without any of it they are on the disk.
S3 = {
    "S3_ENDPOINT_URL": env.str("S3_ENDPOINT_URL", default="").rstrip("/"),
    "S3_MEDIA_BUCKET": env.str("S3_MEDIA_BUCKET", default=""),
    "S3_PRIVATE_BUCKET": env.str("S3_PRIVATE_BUCKET", default=""),
    "S3_ACCESS_KEY": env.str("S3_ACCESS_KEY", default=""),
    "S3_SECRET_KEY": env.str("S3_SECRET_KEY", default=""),
}
STORAGES = {
    "default": {"BACKEND": "pages.library.storage.DiskStorage"},
    "private": {
        "BACKEND": "pages.library.storage.DiskStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if all(S3.values()):
    STORAGES |= buckets(S3)
# A page of the admin with a long body has a field for every cell of its tables.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
#: Longest address with its query, in characters; Gunicorn takes no longer ones (4094 with the rest
#: of the line).
MAX_ADDRESS_LENGTH = 4000
#: Largest body of a request in bytes: of a visitor's form, and of an editor's, with a video in it.
MAX_VISITOR_BODY = 128 * 1024
MAX_EDITOR_BODY = 210 * 1024 * 1024

# Wagtail -----------------------------------------------------------------------------------

SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")

WAGTAIL_SITE_NAME = "Jundiaí Global"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ALLOW_UNICODE_SLUGS = False
# As Brazilians write them; what is written in another way the calendar replaces without a word.
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
WAGTAIL_WORKFLOW_ENABLED = True
# Notices go to the groups that review; superusers who review are in one.
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False
WAGTAIL_FINISH_WORKFLOW_ACTION = "desk.elections.approval.publish_approved"
WAGTAILADMIN_RICH_TEXT_EDITORS = {"default": {"WIDGET": "pages.rich_text.RichTextArea"}}
# Help texts of the admin lead to the manual.
FORM_RENDERER = "desk.field_help.FormRenderer"
WAGTAILADMIN_USER_LOGIN_FORM = "sign_in.forms.SignInForm"
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "sign_in.forms.PasswordResetForm"  # noqa: S105

WAGTAILIMAGES_IMAGE_MODEL = "pages.SiteImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "pages.library.forms.SiteImageForm"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 64_000_000
#: The longest side of an original that is kept, in pixels; larger ones are made smaller when they
#: are uploaded. The widest version has 1680; this is a 4K screen, and leaves room to cut.
IMAGES_LONGEST_SIDE = 3840
WAGTAILIMAGES_AVIF_QUALITY = 50
WAGTAILIMAGES_WEBP_QUALITY = 76
WAGTAILIMAGES_JPEG_QUALITY = 78
#: Whether versions of images are made in a thread once a page is published, or at once.
RENDITIONS_IN_BACKGROUND = True

WAGTAILDOCS_DOCUMENT_MODEL = "pages.SiteDocument"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "pages.library.forms.SiteDocumentForm"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odp", "ods", "odt", "pdf", "pptx", "txt", "xlsx"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 50 * 1024 * 1024
# Always by our view, which asks for permission, and always to be saved.
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_INLINE_CONTENT_TYPES = []

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
#: The same for what costs more than a page: searches, lists of news asked for in their own way,
#: feeds, sitemaps, and guesses of a page's password. As many as a classroom behind one address.
REQUESTS_PER_MINUTE = {
    "search": env.int("SEARCHES_PER_MINUTE", default=120),
    "lists": env.int("LISTS_PER_MINUTE", default=240),
    "feeds": env.int("FEEDS_PER_MINUTE", default=120),
    "sitemaps": env.int("SITEMAPS_PER_MINUTE", default=240),
    "passwords": 10,
}
#: The header in which a proxy says who asks; empty, the address of the connection is taken.
CLIENT_ADDRESS_HEADER = env.str("CLIENT_ADDRESS_HEADER", default="")

# Privacy ------------------------------------------------------------------------------------

#: For how many days what visitors write to the office is kept: they are told, and it is deleted.
CONTACT_MESSAGES_KEPT_DAYS = env.int("CONTACT_MESSAGES_KEPT_DAYS", default=180)
#: For how many days the server keeps its logs, as the privacy page says: see docs/operations.md.
LOGS_KEPT_DAYS = env.int("LOGS_KEPT_DAYS", default=30)

# Operations --------------------------------------------------------------------------------

#: Networks whose requests are told what is wrong by /readyz; others are told only that it is.
HEALTH_NETWORKS = env.list(
    "HEALTH_NETWORKS",
    default=[
        *("127.0.0.0/8", "::1/128"),
        # Of private use: RFC 1918, 3, and RFC 4193, 3.
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    ],
)
#: Seconds that /readyz waits for database, cache and files.
HEALTH_TIMEOUT = env.float("HEALTH_TIMEOUT", default=2)
#: The private port on which Gunicorn gives out its metrics; 0, there are none.
METRICS_PORT = env.int("METRICS_PORT", default=0)
#: Where `manage.py backup` puts its archives, and how many of them it keeps: of so many days the
#: last one each, and of so many weeks.
BACKUP_ROOT = env.path("BACKUP_ROOT", default=str(BASE_DIR / "var" / "backups"))()
BACKUP_KEEP_DAILY = env.int("BACKUP_KEEP_DAILY", default=7)
BACKUP_KEEP_WEEKLY = env.int("BACKUP_KEEP_WEEKLY", default=5)
#: With what archives are encrypted (https://age-encryption.org/v1): a private key, which can read
#: them too, or a public one, which cannot. Empty, they are not.
BACKUP_KEY = env.str("BACKUP_KEY", default="")

# A CDN before all, that was told to keep pages: see docs/deployment.md ------------------------

#: By what it is asked to forget what changed, and the settings of each for
#: ``wagtail.contrib.frontend_cache``.
CDN_PURGE = env.str("CDN_PURGE", default="")
CDN_BACKENDS = {
    "http": {
        "BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend",
        "LOCATION": env.str("CDN_LOCATION", default=""),
    },
    "cloudflare": {
        "BACKEND": "wagtail.contrib.frontend_cache.backends.CloudflareBackend",
        "ZONEID": env.str("CDN_ZONE", default=""),
        "BEARER_TOKEN": env.str("CDN_TOKEN", default=""),
    },
    "cloudfront": {
        "BACKEND": "wagtail.contrib.frontend_cache.backends.CloudfrontBackend",
        "DISTRIBUTION_ID": env.str("CDN_DISTRIBUTION", default=""),
    },
}
WAGTAILFRONTENDCACHE = {"cdn": CDN_BACKENDS[CDN_PURGE]} if CDN_PURGE in CDN_BACKENDS else {}
# Addresses are asked for as they are, not in all languages.
WAGTAILFRONTENDCACHE_LANGUAGES: list[str] = []

# nginx before the site: see docs/deployment.md ----------------------------------------------

#: Networks of proxies before nginx (a CDN, a balancer), whose X-Forwarded-For is believed.
NGINX_TRUSTED_PROXIES = env.list("NGINX_TRUSTED_PROXIES", default=[])
#: The site on other machines, host:port, for the nginx that stands before all of them.
NGINX_UPSTREAMS = env.list("NGINX_UPSTREAMS", default=[])
#: Networks whose requests nginx does not count: where it stands behind a proxy that it does not
#: know of, all visitors come from one address.
NGINX_UNLIMITED_NETWORKS = env.list("NGINX_UNLIMITED_NETWORKS", default=HEALTH_NETWORKS)
#: How many pages one address may ask for in a second, in the long run; how many it may be ahead of
#: that; and how many it may ask for at the same time. A school has one address.
NGINX_REQUESTS_PER_SECOND = env.int("NGINX_REQUESTS_PER_SECOND", default=60)
NGINX_REQUESTS_AT_ONCE = env.int("NGINX_REQUESTS_AT_ONCE", default=600)
NGINX_CONNECTIONS = env.int("NGINX_CONNECTIONS", default=300)

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

#: Whom to tell of a weakness, as ``mailto:`` or ``https:`` addresses, and where our rules for it
#: are (RFC 9116). Without a contact there is no security.txt.
SECURITY_CONTACTS = [contact for contact in env.list("SECURITY_CONTACTS", default=[]) if contact]
SECURITY_POLICY_URL = env.str("SECURITY_POLICY_URL", default="")

CSRF_FAILURE_VIEW = "pages.refusals.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# The admin shows previews of the pages in frames of its own.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
CSRF_COOKIE_HTTPONLY = True

#: For visitors: nothing but what this site serves itself (https://www.w3.org/TR/CSP3/).
#: Hash of the rules in ``static/js/prefetch.js``: of no script, and no other text is let in by it.
SPECULATION_RULES = "'sha256-X8K96BLWqNduHTnnOv9rPmIijdZuQbU+tXj5SgZm/QM='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", SPECULATION_RULES],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        # For the tools of browsers and search engines, which read robots.txt as the page would.
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
#: Where media are fetched from, as a policy says it: from here and, if it is another, their host.
MEDIA_SOURCES = ["'self'"]
if "://" in MEDIA_URL:
    MEDIA_SOURCES.append("/".join(MEDIA_URL.split("/")[:3]))
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"] = MEDIA_SOURCES
    for _kind in ("img-src", "media-src"):
        ADMIN_CONTENT_SECURITY_POLICY["DIRECTIVES"][_kind] += MEDIA_SOURCES[1:]
#: For files: static ones, uploads, and errors that come before any page. Browsers draw a picture or
#: a video that is opened by itself with a style of their own.
FILE_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
)
#: For documents that editors upload: they are saved, not opened.
DOCUMENT_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)
#: What no page may ask of a visitor's device (https://www.w3.org/TR/permissions-policy/). Players
#: of videos may fill the screen; passkeys sign editors in.
FORBIDDEN_FEATURES = [
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
]
