"""What an editor does in one press of a button is kept as a whole, or not at all."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from pages.middleware import is_for_admin

#: The first part of the admin's addresses where one press changes many rows. Not those of signing
#: in, where failures are counted by many at once; nor those of files, which take seconds to be
#: redrawn, and would keep other writers waiting on SQLite.
WHOLE = {
    *("bulk", "lixeira", "mesa", "pages", "periodo-eleitoral", "redirects", "reports", "settings"),
    *("snippets", "workflows"),
}


class WholeRequestMiddleware:
    """A transaction around the requests that change content.

    Wagtail publishes in many steps, each kept by itself: the page, its version, what lists and
    searches show of it, its history. A process that is killed between two of them would leave a
    page without a version, or one that no list knows.
    """

    def __init__(self, get_response: Callable):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in ("GET", "HEAD", "OPTIONS") or not self._is_whole(request):
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    @staticmethod
    def _is_whole(request) -> bool:
        path = request.path_info.removeprefix(f"/{settings.ADMIN_PATH}/")
        return is_for_admin(request) and path.partition("/")[0] in WHOLE
