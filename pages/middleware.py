from csp.middleware import CSPMiddleware
from django.conf import settings
from django.urls import reverse


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The strict policy for visitors, and one the admin's interface can live with.

    A public page that shows the way to another service's player may frame that service, and only
    that one; the template tag ``external_player`` says so on the request. An editor who is signed
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
        return parts

    def _shows_admin(self, request) -> bool:
        if request.path_info.startswith(reverse("wagtailadmin_home")):
            return True
        # Only a request that carries a session can be an editor's; others must not touch it.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return False
        user = getattr(request, "user", None)
        return bool(user and user.is_authenticated)
