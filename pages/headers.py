"""What every answer tells browsers: pages, files, errors, whoever makes them."""

from csp.utils import build_policy
from django.conf import settings

from .external_video import PLAYERS


def _permissions_policy() -> str:
    return ", ".join(f"{feature}=()" for feature in settings.FORBIDDEN_FEATURES)


class HeadersMiddleware:
    """Adds what an answer does not say by itself. The outermost middleware.

    - ``X-Content-Type-Options`` (https://fetch.spec.whatwg.org/#x-content-type-options-header),
      ``Referrer-Policy`` (https://www.w3.org/TR/referrer-policy/) and
      ``Cross-Origin-Opener-Policy``, which Django's own middleware does not put on its errors.
    - ``Permissions-Policy`` (https://www.w3.org/TR/permissions-policy/): features of devices that
      no page uses.
    - ``Cross-Origin-Resource-Policy``
      (https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header): pages and documents are
      for this site only. Static files and media may be shown by others, as readers of feeds,
      translators and archives do; feeds and open data say the same by themselves.
    - A ``Content-Security-Policy`` for what is no page. A file opened by itself runs nothing.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.always = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "Permissions-Policy": _permissions_policy(),
            "X-Frame-Options": settings.X_FRAME_OPTIONS,
        }

    def __call__(self, request):
        response = self.get_response(request)
        for name, value in self.always.items():
            response.headers.setdefault(name, value)
        is_file = request.path_info.startswith((settings.STATIC_URL, settings.MEDIA_URL))
        response.headers.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_file else "same-origin"
        )
        # Django's pages for developers need styles of their own.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.headers.setdefault(
                "Content-Security-Policy", settings.FILE_CONTENT_SECURITY_POLICY
            )
        return response


def page_policies() -> list[str]:
    """The policies of pages: without a player, with one of this site's, and with a service's.

    ``ContentSecurityPolicyMiddleware`` has others for pages with several.
    """
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    players = [{"media-src": settings.MEDIA_SOURCES}, *({"frame-src": [each]} for each in PLAYERS)]
    return [build_policy(directives, update) for update in (None, *players)]


def headers_of(policy: str, is_for_others: bool = False) -> list[tuple[str, str]]:
    """What every answer with this ``Content-Security-Policy`` says, for who answers in Django's
    place. ``is_for_others``: other sites may show it.
    """
    headers = dict(HeadersMiddleware(lambda request: None).always)
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if is_for_others else "same-origin"
    headers["Content-Security-Policy"] = policy
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = "; ".join(
            [
                f"max-age={settings.SECURE_HSTS_SECONDS}",
                *(["includeSubDomains"] if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else []),
                *(["preload"] if settings.SECURE_HSTS_PRELOAD else []),
            ]
        )
    return list(headers.items())
