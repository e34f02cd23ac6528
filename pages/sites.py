"""Which site a request is for, where the homes of all sites are, and what is in force there."""

from collections.abc import Iterable

from django.core.cache import cache
from django.http.request import split_domain_port
from wagtail.models import Page, Site
from wagtail.models.sites import (
    SITE_ROOT_PATHS_CACHE_KEY,
    SITE_ROOT_PATHS_CACHE_VERSION,
    SiteRootPath,
)

from . import in_force
from .kept import kept

#: Seconds for which Wagtail keeps where the homes are.
KEPT = 3600


def all_sites() -> list[Site]:
    """The sites with their root pages, those deepest in the tree first.

    What is in force comes with them: whoever answers a request knows it from then on.
    """
    sites = kept(
        "sites",
        lambda: list(
            in_force.asked_with(Site.objects.select_related("root_page")).order_by(
                "-root_page__url_path", "-is_default_site", "hostname"
            )
        ),
    )
    for site in sites[:1]:
        in_force.tell(site)
    return sites


def introduce(request) -> None:
    """Find the site of a request for no page, and where the homes are, as it is done for a page.

    It costs what Wagtail would ask by itself, with empty caches, for the first address of a page.
    """
    sites = all_sites()
    find_site(request, sites)
    if not _homes_are_known():
        keys = {site.root_page.translation_key for site in sites}
        homes = Page.objects.filter(translation_key__in=keys).select_related("locale")
        let_homes_be_known(sites, homes)


def address_of(page: Page, request) -> str:
    """Where ``page`` is, seen from the site of ``request``; empty where it is nowhere.

    For pages to which many others lead.
    """
    site = Site.find_for_request(request) if request else None
    return kept(("address", site and site.pk, page.pk), lambda: page.get_url(request) or "")


def find_site(request, sites: list[Site]) -> Site | None:
    """The one of ``sites`` that ``request`` is for, by the rules of ``Site.find_for_request``.

    Wagtail finds it here afterwards.
    """
    hostname, port = split_domain_port(request._get_raw_host())[0], request.get_port()
    named = [site for site in sites if site.hostname == hostname]
    default = next((site for site in sites if site.is_default_site), None)
    found = next((site for site in named if str(site.port) == str(port)), None)
    if found is None and default in named:
        found = default
    if found is None and len(named) == 1:
        found = named[0]
    if found is None:
        found = default
    request._wagtail_site = found
    return found


def let_homes_be_known(sites: list[Site], pages: Iterable[Page]) -> None:
    """Tell Wagtail where the homes of ``sites`` are: those of ``pages``, which have locales.

    It needs to know it for the address of any page, and would ask two queries for it. Told with
    each page, it is never what another process has changed meanwhile.
    """
    homes = sorted(pages, key=lambda page: page.path)
    paths = [
        SiteRootPath(site.pk, home.url_path, site.root_url, home.locale.language_code)
        for site in sites
        for home in homes
        if home.translation_key == site.root_page.translation_key
    ]
    cache.set(SITE_ROOT_PATHS_CACHE_KEY, paths, KEPT, version=SITE_ROOT_PATHS_CACHE_VERSION)


def _homes_are_known() -> bool:
    known = cache.get(SITE_ROOT_PATHS_CACHE_KEY, version=SITE_ROOT_PATHS_CACHE_VERSION)
    return known is not None
