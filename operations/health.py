"""``/healthz`` and ``/readyz``: whether the process is alive, and whether it can serve.

A middleware answers them, before any other that asks for something: load balancers send any
``Host``, or none of ours, speak plain http, and must be told "not ready" also when the database is
gone. Nothing of the request is in the answer, so a forged ``Host`` does no harm.
"""

from django.conf import settings
from django.http import HttpResponseNotAllowed, JsonResponse

from pages.limits import client_address, is_within, read_address

from . import readiness

ALIVE, READY = "/healthz", "/readyz"
#: By which one knows that a proxy handed the request over, if it says so.
_PROXY_HEADERS = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


def _peer_is_local(request) -> bool:
    """Whether the connection itself is local; one by a Unix socket has no address."""
    written = request.META.get("REMOTE_ADDR", "")
    return not written or is_within(read_address(written), settings.HEALTH_NETWORKS)


def may_see_details(request) -> bool:
    """Whether the request is from one of ``HEALTH_NETWORKS``.

    Headers may only take this right away. Whoever connects must be local. If it is the proxy, it
    says in ``CLIENT_ADDRESS_HEADER`` for whom it asks, and that must be local too; a request that
    came by a proxy of which the site knows nothing is taken for a stranger's.
    """
    if not _peer_is_local(request):
        return False
    header = settings.CLIENT_ADDRESS_HEADER
    if header and header in request.headers:
        return is_within(client_address(request), settings.HEALTH_NETWORKS)
    return not any(name in request.headers for name in _PROXY_HEADERS)


class HealthMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info not in (ALIVE, READY):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            response = HttpResponseNotAllowed(["GET", "HEAD"])
        elif request.path_info == ALIVE:
            response = JsonResponse({"status": "ok"})
        else:
            response = self._readiness(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Length"] = str(len(response.content))
        return response

    @staticmethod
    def _readiness(request) -> JsonResponse:
        checks = readiness.report(settings.HEALTH_TIMEOUT)
        is_ready = all(check.is_well for check in checks)
        told: dict = {"status": "ok" if is_ready else "unavailable"}
        if may_see_details(request):
            told["checks"] = {check.name: check.details for check in checks}
        return JsonResponse(told, status=200 if is_ready else 503)
