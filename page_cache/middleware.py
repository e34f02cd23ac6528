"""Which answers are kept, and the compression of the others."""

import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db.utils import Error
from django.middleware.gzip import GZipMiddleware

from pages.in_force import changes_around, upcoming_election
from pages.kept import kept_on

from .stamp import Reading

#: In the request's environment: the stamp that was read before, by whoever would keep the answer;
#: and what this middleware answers to that.
READING, KEEPING = "page_cache.reading", "page_cache.keeping"
#: Addresses whose answers depend on nothing but themselves and what the stamp stands for.
KEPT_VIEWS = {"wagtail_serve", "open_data"}
#: What the answers of these addresses are said to vary with. Of visitors without one of our cookies
#: all are alike, and the language stands in the address.
KNOWN_VARY = {"accept-encoding", "accept-language", "cookie"}
#: Seconds for which a page is kept at most without being drawn anew, and for which it may stand in
#: afterwards for one that cannot be drawn.
KEPT, USABLE = 60 * 60, 24 * 60 * 60
#: Seconds for which one is kept that lacks a picture, whose file may be out of reach for a moment.
KEPT_WITHOUT_PICTURE = 60


@dataclass(frozen=True)
class Keeping:
    """That an answer may be kept, and what ``entry.Terms`` says of it."""

    made: float
    fresh_until: float
    usable_until: float
    changed: float
    page: int | None
    url_path: str
    is_linked: bool = False


@dataclass(frozen=True)
class Clock:
    """What happens by itself, by what is stored under a stamp. Moments are seconds since 1970."""

    version: int
    asked_at: float
    last_change: float | None
    next_change: float | None
    #: When the next election begins.
    election: float | None
    #: What pages share meanwhile (``pages.kept``).
    shelf: dict = field(default_factory=dict, compare=False)

    def holds_at(self, moment: float) -> bool:
        return self.asked_at <= moment < (self.next_change or float("inf"))


class KeepingMiddleware(GZipMiddleware):
    """In the place of ``GZipMiddleware``: what is kept for many is left as it is, to be compressed
    once and without random bytes, for there is no secret in it. All else is compressed here.
    """

    _clock: Clock | None = None

    def __call__(self, request):
        reading, request.asked_at = request.META.get(READING), time.time()
        request.clock = self._clock_for(reading, request.asked_at) if reading else None
        with kept_on(request.clock.shelf if request.clock else None):
            return super().__call__(request)

    def process_response(self, request, response):
        if request.clock is not None and is_kept(request, response):
            request.META[KEEPING] = self._keeping(request)
            return response
        self._keep_from_others(request, response)
        return super().process_response(request, response)

    @staticmethod
    def _keep_from_others(request, response) -> None:
        """What an editor sees is for this editor."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not (
            response.has_header("Cache-Control")
        ):
            response.headers["Cache-Control"] = "private, no-cache"

    @staticmethod
    def _keeping(request) -> Keeping:
        asked_at, clock = request.asked_at, request.clock
        lacks_pictures = getattr(request, "lacks_pictures", False)
        latest = asked_at + (KEPT_WITHOUT_PICTURE if lacks_pictures else KEPT)
        usable = latest + USABLE
        route = getattr(request, "_wagtail_route_for_request", None)
        page = route[0] if route else None
        return Keeping(
            made=asked_at,
            fresh_until=min(latest, clock.next_change or latest),
            usable_until=min(usable, clock.election or usable),
            changed=max(clock.version / 1e6, clock.last_change or 0),
            page=page.pk if page else None,
            url_path=page.url_path if page else "",
            # pages/pagination.py
            is_linked=getattr(request, "is_linked", False),
        )

    def _clock_for(self, reading: Reading, asked_at: float) -> Clock | None:
        """What happened last and happens next by itself, seen from ``asked_at``; None when the
        database does not tell.

        Asked for once for each stamp and moment. A page that was asked for before such a moment and
        is ready after it is told that moment, so that it is not kept.
        """
        known = self._clock
        if not known or known.version != reading.version or not known.holds_at(asked_at):
            try:
                last, next = changes_around(asked_at)
                # While an election withholds, what is drawn is without what it withholds.
                election = upcoming_election(asked_at) or None
            except Error:
                return None
            known = self._clock = Clock(reading.version, asked_at, last, next, election)
        return known


def is_kept(request, response) -> bool:
    """Whether every visitor without a cookie of ours would be answered the same.

    A page with a token of a form sets a cookie or says ``no-store``; one that asks for a password
    does too.
    """
    match = request.resolver_match
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    return bool(
        request.method == "GET"
        and response.status_code == 200
        and not response.streaming
        and match is not None
        and match.view_name in KEPT_VIEWS
        and not response.cookies
        and "CSRF_COOKIE" not in request.META
        and not response.has_header("Cache-Control")
        and not response.has_header("Content-Encoding")
        and response.get("Content-Type", "").startswith("text/html")
        and varies <= KNOWN_VARY
    )
