"""What Prometheus is told of requests: how many, of what, how fast, with how many queries.

Gunicorn's hooks count (``gunicorn.conf.py``), so that answers which no view gives count too: static
files, refusals, kept pages. The middleware says in the WSGI environment what only Django knows.
Without ``METRICS_PORT`` there is no middleware and no hook.

Labels have few values: a view's name, never an address; methods that exist; the answer's class.
"""

import sys
import time
from contextlib import ExitStack

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.signals import got_request_exception
from django.db import connections

from .meters import DATABASE, EXCEPTION, VIEW


class _Queries:
    """Counts the queries of one request (``connection.execute_wrapper``)."""

    def __init__(self):
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute, sql, params, many, context):
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - start


def _view_of(request) -> str:
    match = getattr(request, "resolver_match", None)
    if match is not None:
        return match.view_name
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


class MetricsMiddleware:
    """Leaves in the environment of a request which view it was for, and what it asked."""

    def __init__(self, get_response):
        if not settings.METRICS_PORT:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        queries = _Queries()
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(queries))
            response = self.get_response(request)
        request.META[VIEW] = _view_of(request)
        request.META[DATABASE] = (queries.count, queries.seconds)
        return response


def _note_exception(sender, request=None, **kwargs) -> None:
    kind = sys.exc_info()[0]
    if request is not None and kind is not None:
        request.META[EXCEPTION] = kind.__name__


def connect() -> None:
    if settings.METRICS_PORT:
        got_request_exception.connect(_note_exception, dispatch_uid="operations.metrics")
