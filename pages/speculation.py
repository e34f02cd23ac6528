"""Pages fetched before a link to them is followed (HTML Standard, 7.6, *Speculative loading*).

The rules are a static file, ``static/prefetch.speculationrules``, which a header names, so that the
strict policy needs no exception for them. They lead to pages of this site alone: no other host, no
file, no search or filter, which are counted (``pages.limits``). A page is fetched and nothing of it
is drawn or run.
"""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.templatetags.static import static

from .middleware import is_for_admin

HEADER = "Speculation-Rules"
RULES = "prefetch.speculationrules"


def value() -> str:
    """What the header says."""
    return f'"{static(RULES)}"'


class SpeculationRulesMiddleware:
    """Names the rules on visitors' pages. Who has a session may be an editor, and sees drafts."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if (
            response.status_code in (200, 404)
            and response.get("Content-Type", "").startswith("text/html")
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and not is_for_admin(request)
        ):
            response.headers[HEADER] = value()
        return response


def wrap(application: Callable) -> Callable:
    """``application`` (PEP 3333) without the header for who asks to save data (``Save-Data: on``).

    Chromium obeys that wish by itself, whatever it is told. Pages are kept whole, for all alike, so
    the header is taken out at the very end, and there is no ``Vary``: it would cost every cache a
    second copy of each page, for a hint. RFC 9110, 12.5.5, leaves it out where what varies weighs
    less than what it costs.
    """

    def answer(environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ.get("HTTP_SAVE_DATA", "").strip().lower() != "on":
            return application(environ, start_response)

        def start(status, headers, *exc_info):
            kept = [pair for pair in headers if pair[0].lower() != HEADER.lower()]
            return start_response(status, kept, *exc_info)

        return application(environ, start)

    return answer
