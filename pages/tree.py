"""Finding the page at an address."""

from django.db.models import Q
from wagtail.models import Page

from .sites import all_sites, find_site, let_homes_be_known
from .visibility import open_q

#: Levels that an address may have. Far more than any site has; a bound on what a visitor can ask.
MAX_DEPTH = 12


def find_page(request, language_code: str, slugs: list[str]) -> tuple[Page | None, list[str]]:
    """Follow ``slugs`` down from the home of the request's site in a language, as far as they go.

    Returns the specific page reached and the slugs left over, which that page may still
    understand (an index with addresses of its own does); None when there is no such home, or when
    not even the first slug is a page. The page is given its ``trail``, known by now, and whether
    it is known to be open to all.

    Three queries, whatever the depth; Wagtail then knows the site and all homes. Its own routing
    descends one level at a time, two queries a level, from a home for which it asks three, and
    asks three more for the site and the homes.
    """
    sites = all_sites()
    site = find_site(request, sites)
    if site is None:
        return None, slugs
    root = site.root_page
    steps = Q(translation_key__in={each.root_page.translation_key for each in sites})
    for depth, slug in enumerate(slugs[:MAX_DEPTH], start=root.depth + 1):
        if "\x00" in slug or len(slug) > 255:
            break
        steps |= Q(depth=depth, slug=slug)
    candidates = list(
        Page.objects.filter(steps)
        .annotate(is_open=open_q())
        .select_related("locale")
        .order_by("path")
    )
    let_homes_be_known(sites, candidates)
    home = next(
        (
            page
            for page in candidates
            if page.translation_key == root.translation_key
            and page.locale.language_code == language_code
        ),
        None,
    )
    if home is None:
        return None, slugs
    by_parent: dict[tuple[str, str], Page] = {}
    for page in candidates:
        by_parent.setdefault((page.path[: -Page.steplen], page.slug), page)
    trail = [home]
    for slug in slugs:
        page = by_parent.get((trail[-1].path, slug))
        if page is None:
            break
        trail.append(page)
    if slugs and len(trail) == 1:
        return None, slugs
    found = trail[-1]
    page = _load(found)
    page.trail = [*trail[:-1], page]
    # Aliases inherit the restrictions of what they mirror, which only Wagtail knows how to find.
    page.is_known_public = found.is_open and not any(step.alias_of_id for step in trail)
    return page, slugs[len(trail) - 1 :]


def _load(page: Page) -> Page:
    """The specific page, with what its type says it is always drawn with."""
    model = page.specific_class
    if model is None:
        return page
    return model._default_manager.select_related(*getattr(model, "drawn_with", ())).get(pk=page.pk)
