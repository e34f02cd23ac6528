"""The answer to a request that failed by a defect of ours."""

from django.http import HttpResponseServerError
from django.template import loader


def server_error(request) -> HttpResponseServerError:
    """In the place of Django's: with the request's name, by which it is found in the logs."""
    context = {"request_id": getattr(request, "request_id", "")}
    return HttpResponseServerError(loader.render_to_string("500.html", context))
