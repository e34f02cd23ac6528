"""The answer to a request that failed."""

import sys

from django.http import HttpResponse, HttpResponseServerError
from django.template import loader

from pages.refusals import unavailable


def server_error(request) -> HttpResponse:
    """In the place of Django's, which calls it while it handles the exception.

    A database or a disk that is away is told as such (503). The rest is a defect of ours: with the
    request's name, by which it is found in the logs.
    """
    if response := unavailable(request, sys.exception()):
        return response
    context = {"request_id": getattr(request, "request_id", "")}
    return HttpResponseServerError(loader.render_to_string("500.html", context))
