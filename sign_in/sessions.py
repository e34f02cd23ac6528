"""How long one stays signed in.

A session ends after a time without work, and after a longer one whatever is done (NIST SP
800-63B-4, 2.2.3: an hour and a day, at most). Saving, also by itself, and opening pages is work;
what an open page asks for by itself to see who else is editing is none.
`static/js/admin/session.js` warns before the end, and keeps what was written on the screen until
its author has signed in again.
"""

import time
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.admin import messages

from . import factors

#: In the session: since when one is signed in, when one last worked, and when one last proved to
#: be the one; whether by a second factor too.
SIGNED_IN_AT, WORKED_AT, PROVED_AT = "signed_in_at", "worked_at", "proved_at"
SECOND_FACTOR = "second_factor"
#: Seconds. Work is written down at most once in so long.
RESOLUTION = 60
#: For so long after proving who one is, one may change what one proves it with.
PROOF_LASTS = 15 * 60


def begin(sender, request, user, **kwargs) -> None:
    """A session begins: whichever way somebody was signed in."""
    now = time.time()
    for moment in (SIGNED_IN_AT, WORKED_AT, PROVED_AT):
        request.session[moment] = now
    # Until the browser is closed, or the session ends.
    request.session.set_expiry(0)


def seconds_left(session) -> tuple[float, float]:
    """Until the session ends without work, and whatever is done."""
    now = time.time()
    return (
        session.get(WORKED_AT, now) + settings.SESSION_IDLE_SECONDS - now,
        session.get(SIGNED_IN_AT, now) + settings.SESSION_COOKIE_AGE - now,
    )


def note_work(session) -> None:
    now = time.time()
    if now - session.get(WORKED_AT, 0) > RESOLUTION:
        session[WORKED_AT] = now
        session.setdefault(SIGNED_IN_AT, now)


def was_proved_lately(session) -> bool:
    return time.time() - session.get(PROVED_AT, 0) < PROOF_LASTS


def note_proof(session) -> None:
    session[PROVED_AT] = time.time()


def end_all_of(user) -> int:
    """End every session of ``user``; how many there were."""
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
            ended += 1
    return ended


@cache
def _no_work() -> tuple[str, ...]:
    """Addresses that open pages ask for by themselves."""
    home = reverse("wagtailadmin_home")
    return (f"{home}editing-sessions/", reverse("sign_in_session"))


class SessionEndMiddleware:
    """Ends sessions that are over, and those whose person has come to need a second factor.

    A request without a session cookie is a visitor's, and its session is not touched.
    """

    def __init__(self, get_response: Callable):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            if reason := self._is_over(request):
                logout(request)
                if self._is_navigation(request):
                    messages.warning(request, reason)
            elif not request.path_info.startswith(_no_work()):
                note_work(request.session)
        return self.get_response(request)

    @staticmethod
    def _is_over(request) -> str:
        """Why the session is over; empty if it is not."""
        if min(seconds_left(request.session)) <= 0:
            return gettext("Sua sessão terminou. Entre de novo para continuar.")
        if not request.session.get(SECOND_FACTOR) and factors.are_required(request.user):
            return gettext("Sua conta agora pede um segundo fator. Entre de novo para cadastrá-lo.")
        return ""

    @staticmethod
    def _is_navigation(request) -> bool:
        """Whether somebody will see the answer, in the admin."""
        return request.path_info.startswith(reverse("wagtailadmin_home")) and (
            request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
            and request.headers.get("X-Requested-With") != "XMLHttpRequest"
        )
