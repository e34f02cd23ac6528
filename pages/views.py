from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from wagtail import views as wagtail_views
from wagtail.models import Page, PageViewRestriction

from .limits import limited
from .models import SiteIdentity
from .tree import find_page
from .visibility import is_withheld


def serve(request, path):
    """Wagtail's view of a page, at an address of the page's own language only.

    Wagtail falls back to the default language's tree under ``/en/`` and ``/es/`` when a
    translation is missing; a Portuguese page would then be announced as English (WCAG 2.2,
    3.1.1 Language of Page) at a second address.
    """
    slugs = [slug for slug in path.split("/") if slug]
    page, remaining = find_page(request, get_language(), slugs)
    if page and not remaining and is_withheld(page) and page.live:
        return withheld(request)
    request._wagtail_route_for_request = page.route(request, remaining) if page else None
    return wagtail_views.serve(request, path)


@limited("passwords")
def open_private_page(request, page_view_restriction_id, page_id):
    """Wagtail's view of a page's password, for a page that the password opens, so many times.

    Wagtail takes any restriction with any page, a draft or the root of the tree too.
    """
    restriction = get_object_or_404(
        PageViewRestriction.objects.select_related("page"),
        pk=page_view_restriction_id,
        restriction_type=PageViewRestriction.PASSWORD,
    )
    get_object_or_404(Page, pk=page_id, live=True, path__startswith=restriction.page.path)
    return wagtail_views.authenticate_with_password(request, page_view_restriction_id, page_id)


def withheld(request):
    """What is said in the place of a page that an election withholds: why, and until when.

    With status 451, Unavailable For Legal Reasons (RFC 7725), and who blocks it.
    """
    response = render(request, "pages/withheld.html", status=451)
    response.headers["Link"] = f'<{request.build_absolute_uri("/")}>; rel="blocked-by"'
    # The answer may be kept by default (RFC 7725, 3), and must not outlive the election.
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def robots(request):
    """The site's robots.txt (RFC 9309).

    It does not name the admin, whose pages ask not to be indexed: whoever reads it would learn the
    admin's address (RFC 9309, 3).
    """
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('search')}",
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def web_manifest(request):
    """The web application manifest (https://www.w3.org/TR/appmanifest/)."""
    identity = SiteIdentity.objects.for_language(settings.LANGUAGE_CODE).first()
    icons = [
        ("img/icon-192.png", "192x192", "any"),
        ("img/icon-512.png", "512x512", "any"),
        ("img/icon-maskable-512.png", "512x512", "maskable"),
    ]
    manifest = {
        "name": identity.name if identity else settings.WAGTAIL_SITE_NAME,
        "short_name": identity.name if identity else settings.WAGTAIL_SITE_NAME,
        "lang": "pt-BR",
        "start_url": "/",
        "display": "browser",
        "background_color": "#ffffff",
        "theme_color": "#4a2153",
        "icons": [
            {"src": static(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in icons
        ],
    }
    return JsonResponse(manifest, content_type="application/manifest+json")


def favicon(request):
    """Browsers ask for this address by themselves where no page tells them of an icon."""
    return redirect(static("img/favicon.ico"), permanent=False)
