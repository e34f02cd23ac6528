"""For the city's servers. Everything secret or particular comes from the environment."""

import ipaddress
import re
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import (
    ADMIN_CONTENT_SECURITY_POLICY,
    ADMIN_NETWORKS,
    ADMIN_PATH,
    BACKUP_KEY,
    CDN_BACKENDS,
    CDN_PURGE,
    CONTENT_SECURITY_POLICY,
    HEALTH_NETWORKS,
    MEDIA_URL,
    NGINX_TRUSTED_PROXIES,
    NGINX_UNLIMITED_NETWORKS,
    NGINX_UPSTREAMS,
    S3,
    SECURITY_CONTACTS,
    SECURITY_POLICY_URL,
    SITE_URL,
    STORAGES,
    database,
    env,
    replica,
)

#: A streaming replica of the database, from which visitors' pages are read: see docs/decisions.md.
DATABASE_REPLICA_URL = env.str("DATABASE_REPLICA_URL", default="")

#: Shorter keys are easier to guess; `secrets.token_urlsafe(50)` makes one that is long enough.
MINIMUM_SECRET_KEY_LENGTH = 50
_POSTGRESQL = ("postgres://", "postgresql://", "psql://", "pgsql://")


def _problems_of_buckets() -> list[str]:
    """Half of a service for files is none, and files would be lost on some disk."""
    problems = []
    if any(S3.values()) and not all(S3.values()):
        given = ", ".join(name for name, value in S3.items() if value)
        problems += [
            f"{name} is missing: {given} alone cannot keep files in an S3-compatible service. "
            "Set all of them, or none to keep files on the disk."
            for name, value in S3.items()
            if not value
        ]
    if S3["S3_ENDPOINT_URL"] and not S3["S3_ENDPOINT_URL"].startswith(("http://", "https://")):
        problems.append(
            "S3_ENDPOINT_URL must be the service's address. Example: https://s3.example.org"
        )
    if S3["S3_MEDIA_BUCKET"] and S3["S3_MEDIA_BUCKET"] == S3["S3_PRIVATE_BUCKET"]:
        problems.append("S3_PRIVATE_BUCKET must be another than S3_MEDIA_BUCKET, which is public.")
    if MEDIA_URL != "/media/" and not (
        all(S3.values()) and re.fullmatch(r"https://[^/?#\s]+/(?:[^?#\s]+/)?", MEDIA_URL)
    ):
        problems.append(
            "S3_PUBLIC_URL must be an https address, and is for files in a service only. "
            "Without it, nginx fetches them: /media/."
        )
    return problems


def _problems() -> list[str]:
    """What keeps the site from starting, each with the way to mend it."""
    problems = []
    secret_key = env.str("SECRET_KEY", default="")
    if len(secret_key) < MINIMUM_SECRET_KEY_LENGTH or len(set(secret_key)) < 5:
        problems.append(
            f"SECRET_KEY must be random and have at least {MINIMUM_SECRET_KEY_LENGTH} characters. "
            "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    if not env.str("DATABASE_URL", default=""):
        problems.append(
            "DATABASE_URL is missing. Example: postgres://user:password@localhost:5432/jundiai"
        )
    else:
        try:
            database(env.str("DATABASE_URL"))
        except (environ.ImproperlyConfigured, KeyError, ValueError) as error:
            problems.append(f"DATABASE_URL cannot be understood ({error}).")
    if DATABASE_REPLICA_URL and not (
        DATABASE_REPLICA_URL.startswith(_POSTGRESQL)
        and env.str("DATABASE_URL", default="").startswith(_POSTGRESQL)
    ):
        problems.append(
            "DATABASE_REPLICA_URL must be a replica of a PostgreSQL. "
            "Example: postgres://user:password@10.20.0.6:5432/jundiai"
        )
    hosts = [host for host in env.list("ALLOWED_HOSTS", default=[]) if host]
    if not hosts:
        problems.append(
            "ALLOWED_HOSTS is missing. Example: global.jundiai.sp.gov.br,www.example.org"
        )
    elif "*" in hosts:
        problems.append("ALLOWED_HOSTS must name the hosts; '*' lets anyone forge addresses.")
    site_url = urlsplit(env.str("SITE_URL", default=""))
    if site_url.scheme not in ("http", "https") or not site_url.hostname:
        problems.append(
            "SITE_URL must be the site's public address. Example: https://global.jundiai.sp.gov.br"
        )
    for contact in SECURITY_CONTACTS:
        if not contact.startswith(("mailto:", "https://", "tel:")):
            problems.append(
                "SECURITY_CONTACTS must be addresses (RFC 9116). "
                "Example: mailto:seguranca@example.org,https://example.org/contato/"
            )
    if SECURITY_POLICY_URL and not SECURITY_POLICY_URL.startswith("https://"):
        problems.append(
            "SECURITY_POLICY_URL must be an https address. Example: https://example.org/seguranca/"
        )
    if not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", ADMIN_PATH):
        problems.append("ADMIN_PATH must be letters, digits and hyphens. Example: redacao")
    for name, networks in (
        ("ADMIN_NETWORKS", ADMIN_NETWORKS),
        ("HEALTH_NETWORKS", HEALTH_NETWORKS),
        ("NGINX_TRUSTED_PROXIES", NGINX_TRUSTED_PROXIES),
        ("NGINX_UNLIMITED_NETWORKS", NGINX_UNLIMITED_NETWORKS),
    ):
        if name != "HEALTH_NETWORKS" and networks is HEALTH_NETWORKS:
            continue  # a default, told once
        for network in networks:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                problems.append(f"{name} has no network: {network}. Example: 10.20.0.0/16")
    for upstream in NGINX_UPSTREAMS:
        if not re.fullmatch(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}", upstream):
            problems.append(
                f"NGINX_UPSTREAMS has no host:port: {upstream}. Example: 10.20.0.7:8000"
            )
    if CDN_PURGE and CDN_PURGE not in CDN_BACKENDS:
        problems.append(f"CDN_PURGE must be one of: {', '.join(CDN_BACKENDS)}.")
    elif CDN_PURGE and not all(CDN_BACKENDS[CDN_PURGE].values()):
        problems.append(
            "CDN_PURGE needs CDN_LOCATION (http), CDN_ZONE and CDN_TOKEN (cloudflare) or "
            "CDN_DISTRIBUTION (cloudfront)."
        )
    if env.str("LOG_FORMAT", default="json") not in ("json", "line"):
        problems.append("LOG_FORMAT must be json or line.")
    if BACKUP_KEY and not re.fullmatch(r"(?:AGE-SECRET-KEY-1|age1)[A-Za-z0-9]+", BACKUP_KEY):
        problems.append(
            "BACKUP_KEY is no age key. Make one with: python manage.py backup --new-key"
        )
    problems += _problems_of_buckets()
    if email_url := env.str("EMAIL_URL", default=""):
        try:
            env.email_url("EMAIL_URL")
        except (environ.ImproperlyConfigured, KeyError, ValueError):
            problems.append(
                "EMAIL_URL cannot be understood. Example: smtp+tls://user:password@host:587"
            )
        if email_url.startswith("smtp") and not env.str("DEFAULT_FROM_EMAIL", default=""):
            problems.append(
                "DEFAULT_FROM_EMAIL is missing: mail servers refuse mail from nobody. "
                "Example: Jundiaí Global <nao-responda@example.org>"
            )
    return problems


if problems := _problems():
    raise ImproperlyConfigured(
        "The site cannot start. Set these in the environment or in the file .env "
        "(see .env.example):\n" + "\n".join(f"  - {problem}" for problem in problems)
    )

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = [host for host in env.list("ALLOWED_HOSTS") if host]
DATABASES = {"default": database(env.str("DATABASE_URL"))}
if DATABASE_REPLICA_URL:
    DATABASES["replica"] = replica(DATABASE_REPLICA_URL)
    DATABASE_ROUTERS = ["page_cache.replica.Router"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "jundiai_global.storage.BundledStaticFilesStorage"},
}

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DELIVERY_BACKEND = vars()["EMAIL_BACKEND"]
EMAIL_BACKEND = "jundiai_global.mail.AfterTheWork"
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="webmaster@localhost")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if SITE_URL.startswith("https:"):
    for _policy in (CONTENT_SECURITY_POLICY, ADMIN_CONTENT_SECURITY_POLICY):
        _policy["DIRECTIVES"]["upgrade-insecure-requests"] = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=True)
if SESSION_COOKIE_SECURE:
    # Browsers take these names only over https, from this very host, for all of it: no other host
    # of the domain can set them (RFC 6265bis, 4.1.3.2).
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    BROWSER_COOKIE_NAME = "__Host-browser"
    MESSAGES_COOKIE_NAME = "__Host-messages"
if env.bool("USE_FORWARDED_PROTO", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Without whole addresses of visitors (Lei 13.709/2018, art. 6, III).
    "formatters": {
        "json": {"()": "jundiai_global.logs.TruncatingJsonFormatter"},
        "line": {
            "()": "jundiai_global.logs.TruncatingFormatter",
            "format": "{levelname} {name} [{request_id}]: {message}",
            "style": "{",
        },
    },
    "filters": {"request": {"()": "operations.log_filter.RequestIdFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.str("LOG_FORMAT", default="json"),
            "filters": ["request"],
        }
    },
    # Django's own handler would mail whole requests, with what visitors sent.
    "loggers": {"django": {"handlers": [], "level": "INFO"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
