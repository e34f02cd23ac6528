"""E-mail to people about their own account: what they did not do themselves, they must hear of.

(NIST SP 800-63B-4, 4: notice of authenticators that are bound or recovered.)
"""

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from pages.limits import client_network

from .models import KnownPlace, digest

logger = logging.getLogger(__name__)

#: Delivers while the answer is on its way: how long a mail server takes would tell whether there is
#: an account. One thread for each process; Python waits for it at the end.
post = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sign-in-mail")

#: In the order in which they are looked for: each says that it is those below, too.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
_BROWSERS = (*_BROWSERS, ("Safari/", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"))
_SYSTEMS = (*_SYSTEMS, ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def deliver(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception:
        logger.exception("Not delivered: “%s”", message.subject)


def browser_name(request) -> str:
    """The browser in words, as “Firefox em Windows”, from what it says of itself."""
    said = request.headers.get("User-Agent", "")
    unknown = gettext("desconhecido")
    browser = next((name for mark, name in _BROWSERS if mark in said), unknown)
    system = next((name for mark, name in _SYSTEMS if mark in said), unknown)
    return gettext("%(browser)s em %(system)s") % {"browser": browser, "system": system}


def tell(user, subject: str, happened: str, request=None) -> None:
    """Write to ``user`` what ``happened``, and from where if it was by their own account."""
    if not user.email:
        return
    with override(settings.LANGUAGE_CODE):
        text = render_to_string(
            "sign_in/notice.txt",
            {
                "name": user.get_full_name() or user.get_username(),
                "happened": happened,
                "when": timezone.now(),
                "browser": browser_name(request) if request else "",
                "network": client_network(request) if request else "",
                "site": settings.WAGTAIL_SITE_NAME,
                "reset_url": f"{settings.SITE_URL}{reverse('wagtailadmin_password_reset')}",
            },
        )
    message = EmailMessage(f"{settings.WAGTAIL_SITE_NAME}: {subject}", text, to=[user.email])
    post.submit(deliver, message)


def _see(user, kind: str, value: str) -> bool:
    """Whether the place was known already; it is now."""
    _place, is_new = KnownPlace.objects.update_or_create(
        user=user,
        kind=kind,
        digest=digest(kind, value),
        defaults={"last_seen_at": timezone.now()},
    )
    return not is_new


def browser_token(request) -> str:
    """What the browser's cookie says; empty where there is none."""
    return request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")[:100]


def is_known_browser(request, username: str) -> bool:
    """Whether somebody of that name signed in from this browser."""
    return KnownPlace.objects.filter(
        user__username=username,
        kind=KnownPlace.BROWSER,
        digest=digest(KnownPlace.BROWSER, browser_token(request)),
    ).exists()


def greet(request, response, user) -> None:
    """Remember from where ``user`` signs in, and write to them if it is a new place."""
    KnownPlace.objects.filter(
        user=user, last_seen_at__lt=timezone.now() - KnownPlace.KEPT_FOR
    ).delete()
    token = browser_token(request) or secrets.token_urlsafe(32)
    known_browser = _see(user, KnownPlace.BROWSER, token)
    network = client_network(request)
    known_network = not network or _see(user, KnownPlace.NETWORK, network)
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        token,
        max_age=KnownPlace.KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    if not known_browser:
        happened = gettext("Alguém entrou na sua conta de um navegador que ainda não conhecíamos.")
    elif not known_network:
        happened = gettext("Alguém entrou na sua conta de um endereço que ainda não conhecíamos.")
    else:
        return
    tell(user, gettext("nova entrada na sua conta"), happened, request)
