"""Finding pages by their place in the tree."""

from django.db.models import Q
from wagtail.models import Page

#: Levels that an address may have. Far more than any site has; a bound on what a visitor can ask.
MAX_DEPTH = 12


def find_deepest_page(root: Page, slugs: list[str]) -> tuple[Page | None, list[str]]:
    """Follow ``slugs`` down from ``root`` as far as pages go.

    Returns the specific page reached and the slugs left over, which that page may still
    understand (an index with addresses of its own does); None when not even the first is a page.
    The page is given its ``trail``, known by now. Two queries, whatever the depth.
    """
    steps = Q()
    for depth, slug in enumerate(slugs[:MAX_DEPTH], start=root.depth + 1):
        if "\x00" in slug or len(slug) > 255:
            break
        steps |= Q(depth=depth, slug=slug)
    if not steps:
        return None, slugs
    candidates = {
        page.path: page
        for page in Page.objects.filter(steps, path__startswith=root.path)
        .select_related("locale")
        .order_by("path")
    }
    by_parent = {}
    for path, page in candidates.items():
        by_parent.setdefault((path[: -Page.steplen], page.slug), page)
    trail = [root]
    for slug in slugs:
        page = by_parent.get((trail[-1].path, slug))
        if page is None:
            break
        trail.append(page)
    if len(trail) == 1:
        return None, slugs
    page = trail[-1].specific
    page.trail = [*trail[:-1], page]
    return page, slugs[len(trail) - 1 :]
