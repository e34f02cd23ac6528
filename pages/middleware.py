from functools import partial

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.urls import reverse

from . import in_force
from .sites import introduce
from .vlibras import with_vlibras


def is_for_admin(request) -> bool:
    return request.path_info.startswith(reverse("wagtailadmin_home"))


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The strict policy for visitors, and one the admin's interface can live with.

    A public page with a video of this site may play it; one that shows the way to another
    service's player may frame that service, and only that one. The template tag ``video_player``
    says so on the request. An editor who is signed
    in gets the admin's policy on public pages too, for Wagtail's bar appears on them.
    """

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if report_only:
            return parts
        if self._shows_admin(request):
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY["DIRECTIVES"]
        if origins := getattr(request, "frame_origins", None):
            parts.update = {**(parts.update or {}), "frame-src": sorted(origins)}
        if getattr(request, "plays_video", False):
            parts.update = {**(parts.update or {}), "media-src": settings.MEDIA_SOURCES}
        parts.update = with_vlibras(request, parts.update)
        return parts

    def _shows_admin(self, request) -> bool:
        if is_for_admin(request):
            return True
        # Only a request that carries a session can be an editor's; others must not touch it.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return False
        user = getattr(request, "user", None)
        return bool(user and user.is_authenticated)


class InForceMiddleware:
    """Lets visitors' requests be answered by what is in force: see ``pages.in_force``.

    An editor who asked to see the site as in an election period is answered so, and nobody else
    is: such answers are kept nowhere.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if is_for_admin(request):
            return self.get_response(request)
        asked = in_force.Request(partial(introduce, request), self._is_rehearsal(request))
        with asked.being_answered():
            response = self.get_response(request)
        if response.streaming and asked.is_asked:
            response.streaming_content = asked.streamed(response.streaming_content)
        if asked.is_rehearsal:
            response.headers["Cache-Control"] = "private, no-store"
            response.headers.pop("ETag", None)
        return response

    @staticmethod
    def _is_rehearsal(request) -> bool:
        # Only a request that carries a session can be an editor's; others must not touch it.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return False
        return bool(
            request.session.get(in_force.REHEARSAL_KEY)
            and request.user.has_perm("wagtailadmin.access_admin")
        )
