"""The answer to a request that failed by a defect of ours, or for want of the database."""

import sys

from django.db.utils import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseServerError
from django.template import loader

from pages import refusals

#: Seconds after which whoever was told that the database is away may ask again.
RETRY_AFTER = 30


def server_error(request) -> HttpResponse:
    """In the place of Django's: with the request's name, by which it is found in the logs.

    A database that is away, or has no connection left, is no defect, and passes (RFC 9110, 15.6.4).
    """
    request_id = getattr(request, "request_id", "")
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        response = refusals.refuse(request, 503, refusals.UNAVAILABLE)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    return HttpResponseServerError(loader.render_to_string("500.html", {"request_id": request_id}))
