from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.documents.views.serve import authenticate_with_password as open_collection

from api.views import documentation
from news.sitemaps import news_sections
from pages import views
from pages.library.media import serve_media
from pages.library.serving import serve_document
from pages.limits import limited
from pages.security_txt import security_txt
from pages.sitemaps import page_sections, sitemap_index, sitemap_section
from search.views import search
from sign_in.views import frontend_login

ADMIN = f"{settings.ADMIN_PATH}/"

#: Who has pages for search engines.
SITEMAP_SOURCES = (page_sections, news_sections)

handler400 = "pages.refusals.bad_request"
handler403 = "pages.refusals.forbidden"
handler500 = "operations.errors.server_error"

urlpatterns = [
    # In the place of Wagtail's own: what it has no hook for.
    re_path(r"^documentos/(\d+)/(.*)$", serve_document),
    path(
        "documentos/authenticate_with_password/<int:restriction_id>/",
        limited("passwords")(open_collection),
    ),
    path(ADMIN, include("sign_in.urls")),
    path(ADMIN, include("desk.urls")),
    path(ADMIN, include("desk.elections.urls")),
    path(ADMIN, include(wagtailadmin_urls)),
    path("documentos/", include(wagtaildocs_urls)),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("site.webmanifest", views.web_manifest, name="web_manifest"),
    path(
        "sitemap.xml",
        limited("sitemaps")(sitemap_index),
        {"sources": SITEMAP_SOURCES},
        name="sitemap",
    ),
    path(
        "sitemap-<slug:name>.xml",
        limited("sitemaps")(sitemap_section),
        {"sources": SITEMAP_SOURCES},
        name="sitemap_section",
    ),
    path("api/v1/", include("api.urls")),
    *static(settings.MEDIA_URL, serve_media, document_root=settings.MEDIA_ROOT),
]

urlpatterns += i18n_patterns(
    path("busca/", search, name="search"),
    path("dados-abertos/", documentation, name="open_data"),
    path("", include("contact.urls")),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        views.open_private_page,
    ),
    # In the place of Wagtail's own page, which would ask for the password alone.
    path("_util/login/", frontend_login, name="wagtailcore_login"),
    # Wagtail's addresses, with our view of pages in the place of its own, the last.
    path("", include(wagtail_urls.urlpatterns[:-1])),
    re_path(wagtail_urls.serve_pattern, views.serve, name="wagtail_serve"),
    prefix_default_language=False,
)
