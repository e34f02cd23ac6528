"""What the guards have to say of all that is published, at the cost of few queries."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from django.db.models import ForeignKey, prefetch_related_objects
from wagtail.images import get_image_model
from wagtail.models import Page

from ..models import SitePage
from ..references import References
from . import Finding, find

#: How many pages are read at a time.
CHUNK = 200


def published_findings(pages=None) -> Iterator[tuple[SitePage, list[Finding]]]:
    """Each published page of which the guards have something to say, with that.

    ``pages`` is a queryset of pages to look at instead of all; those not published are left out.
    """
    every = Page.objects.filter(depth__gt=1) if pages is None else pages
    keys = iter(every.live().order_by("path").values_list("pk", flat=True).iterator())
    while chunk := list(islice(keys, CHUNK)):
        read = Page.objects.filter(pk__in=chunk).order_by("path").specific()
        yield from _findings([page for page in read if isinstance(page, SitePage)])


def _findings(pages: Sequence[SitePage]) -> Iterator[tuple[SitePage, list[Finding]]]:
    _fetch_relations(pages)
    twins = _with_twins(pages)
    by_language = defaultdict(list)
    for page in pages:
        by_language[page.locale_id].append(page)
    references = {
        locale_id: References.of(those, those[0].language_code)
        for locale_id, those in by_language.items()
    }
    for page in pages:
        with references[page.locale_id].at_hand():
            found = find(page, has_twin=page.pk in twins)
        if found:
            yield page, found


def _fetch_relations(pages: Sequence[SitePage]) -> None:
    """The images and the video of each page, with one query for each kind of page and field."""
    by_kind = defaultdict(list)
    for page in pages:
        by_kind[type(page)].append(page)
    for kind, those in by_kind.items():
        names = [
            field.name
            for field in kind._meta.fields
            if isinstance(field, ForeignKey) and field.related_model is get_image_model()
        ]
        if kind.is_video:
            names.append("video_file__captions")
        prefetch_related_objects(those, "locale", *names)


def _with_twins(pages: Sequence[SitePage]) -> set[int]:
    """The ids of those of ``pages`` beside which another published page has the same title."""
    titles = {page.title for page in pages}
    # A mirror of a page bears its title.
    originals = Page.objects.live().filter(alias_of=None)
    named = originals.filter(title__in=titles).values_list("path", "title")
    beside = Counter((path[: -Page.steplen], title) for path, title in named)
    return {page.pk for page in pages if beside[page.path[: -Page.steplen], page.title] > 1}
