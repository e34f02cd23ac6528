"""What of the site each editor may change, as conditions that cost no query of their own."""

from django.db.models import Q
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

#: A condition that nothing meets.
NOTHING = Q(pk__in=[])


def changeable_q(user, prefix: str = "") -> Q:
    """Condition for a page that ``user`` may change.

    By the rules of Wagtail's ``PagePermissionTester.can_edit``: whoever may change what is below a
    page, and whoever may add there, as far as the pages are their own. ``prefix`` is the lookup
    path to the page, with its trailing double underscore. The editor's permissions are read once
    for each request, by Wagtail.
    """
    if not user.is_active:
        return NOTHING
    if user.is_superuser:
        return Q()
    condition = NOTHING
    for permission in page_permission_policy.get_cached_permissions_for_user(user):
        below = Q(**{f"{prefix}path__startswith": permission.page.path})
        if permission.permission.codename == "change_page":
            condition |= below
        elif permission.permission.codename == "add_page":
            condition |= below & Q(**{f"{prefix}owner": user})
    return condition


def may_change_pages(user) -> bool:
    """Whether ``user`` may change any page at all."""
    return page_permission_policy.user_has_any_permission(user, {"change"})


def may_change(user, page: Page) -> bool:
    return page.permissions_for_user(user).can_edit()
