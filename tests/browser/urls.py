from django.conf import settings
from django.urls import path

from jundiai_global.urls import urlpatterns as site_urlpatterns
from pages.library.media import serve_media


def go_wrong(request):
    """What a defect of the site looks like to a visitor."""
    raise RuntimeError("This is what a defect looks like.")


urlpatterns = [
    path("media/<path:path>", serve_media, {"document_root": settings.MEDIA_ROOT}),
    path("quebra/", go_wrong),
    *site_urlpatterns,
]
