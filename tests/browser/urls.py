from django.conf import settings
from django.urls import path
from django.views.static import serve

from jundiai_global.urls import urlpatterns as site_urlpatterns


def go_wrong(request):
    """What a defect of the site looks like to a visitor."""
    raise RuntimeError("This is what a defect looks like.")


urlpatterns = [
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
    path("quebra/", go_wrong),
    *site_urlpatterns,
]
