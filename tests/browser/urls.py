from django.conf import settings
from django.urls import path

from jundiai_global.urls import urlpatterns as site_urlpatterns
from pages.library.media import serve_media

urlpatterns = [
    path("media/<path:path>", serve_media, {"document_root": settings.MEDIA_ROOT}),
    *site_urlpatterns,
]
