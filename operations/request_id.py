"""A name for each request, by which its log lines are found, and what a visitor quotes of an error.

It says nothing of who asks. It comes from the proxy, so that its lines and ours have the same, or
is made here.
"""

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-ID"
#: What is taken from the proxy: what no log, page or header could take for anything else. nginx's
#: ``$request_id`` has 32 hexadecimal digits, a UUID 36 characters.
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}", re.ASCII)

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Of the request that is being answered; empty outside of any."""
    return _current.get()


def name(request_id: str) -> None:
    """Give what is done from here on, in this thread, a name."""
    _current.set(request_id)


def new() -> str:
    return secrets.token_hex(16)


def is_well_formed(written: str) -> bool:
    return _WELL_FORMED.fullmatch(written) is not None


class RequestIdMiddleware:
    """Names the request, for all that is logged until its answer is closed. The outermost one.

    Django logs answers of 400 and above when the middleware is done, so the name stays until then.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get(HEADER, "")
        request.request_id = given if is_well_formed(given) else new()
        name(request.request_id)
        response = self.get_response(request)
        response.headers[HEADER] = request.request_id
        return response


def _forget(**kwargs) -> None:
    name("")


def connect() -> None:
    # Not above: Gunicorn's first process reads this file, and must not load Django.
    from django.core.signals import request_finished

    request_finished.connect(_forget, dispatch_uid="operations.request_id")
