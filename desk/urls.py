"""Addresses of the admin that stand before Wagtail's own, under the same names."""

from django.conf import settings
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.i18n import JavaScriptCatalog
from wagtail.admin.auth import require_admin_access
from wagtail.admin.localization import get_localized_response
from wagtail.admin.urls import display_custom_404
from wagtail.utils.urlpatterns import decorate_urlpatterns

from .history_report import SiteHistoryView


class ScriptWords(JavaScriptCatalog):
    """Words of the admin's scripts: Wagtail's catalogue, and ours where it has no translation."""

    packages = ["wagtail.admin"]

    def get_paths(self, packages):
        return [*super().get_paths(packages), *settings.LOCALE_PATHS]


_script_words = ScriptWords.as_view()


def script_words(request, *args, **kwargs):
    """The words in the language of the editor who is signed in, as Wagtail's own view does it."""
    return get_localized_response(_script_words, request, *args, **kwargs)


urlpatterns = [
    path("reports/site-history/", SiteHistoryView.as_view()),
    path("reports/site-history/results/", SiteHistoryView.as_view(results_only=True)),
]
for decorate in (require_admin_access, display_custom_404, never_cache):
    urlpatterns = decorate_urlpatterns(urlpatterns, decorate)
urlpatterns.append(path("jsi18n/", never_cache(script_words)))
