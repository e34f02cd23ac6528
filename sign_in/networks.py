"""From where the admin may be reached."""

from collections.abc import Callable

from django.conf import settings
from django.urls import reverse

from pages.limits import client_address, is_within

#: An address that no page can have, for slugs have no dot.
NOWHERE = "/.nada/"


def may_see_the_admin(request) -> bool:
    """Whether the request comes from one of `ADMIN_NETWORKS`, or any will do."""
    networks = settings.ADMIN_NETWORKS
    return not networks or is_within(client_address(request), networks)


class AdminNetworksMiddleware:
    """Outside of `ADMIN_NETWORKS` there is no admin: its addresses answer as any that is not there.

    The address is changed before anything else sees it, so that not even a header differs.
    """

    def __init__(self, get_response: Callable):
        self.get_response = get_response

    def __call__(self, request):
        admin = reverse("wagtailadmin_home")
        if f"{request.path_info}/".startswith(admin) and not may_see_the_admin(request):
            request.path = request.path_info = NOWHERE
        return self.get_response(request)
