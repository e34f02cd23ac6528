"""The versions of images are made when a page is published, before a visitor asks for it.

Which ones is said by the pages (``SitePage.own_pictures``) and the table of ``pages.picture``. It
happens once the database has the page for certain, in a thread of the same process: the editor
does not wait. What fails, the log tells, and the first visit makes it, as it makes what is not
there yet when the visitor is faster.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction
from django.db.models import QuerySet
from wagtail.images import get_image_model
from wagtail.images.models import Filter, SourceImageIOError
from wagtail.models import Page, ReferenceIndex

from .picture import specs_for

logger = logging.getLogger(__name__)


class Wanted:
    """The versions that pages want and that are not there, by image."""

    def __init__(self, pages: Iterable[Page]):
        self.images: dict[int, object] = {}
        specs: dict[int, dict[str, None]] = defaultdict(dict)
        for page in pages:
            for image, role in page.own_pictures():
                if image:
                    self.images[image.pk] = image
                    specs[image.pk] |= dict.fromkeys(specs_for(role))
        there = self._there()
        self.missing = {
            pk: found
            for pk, wanted in specs.items()
            if (found := [spec for spec in wanted if self._key(pk, spec) not in there])
        }

    def _key(self, pk: int, spec: str) -> tuple[int, str, str]:
        return pk, spec, Filter(spec).get_cache_key(self.images[pk])

    def _there(self) -> set[tuple[int, str, str]]:
        stored = get_image_model().get_rendition_model().objects.filter(image__in=self.images)
        return set(stored.values_list("image_id", "filter_spec", "focal_point_key"))

    def make(self) -> tuple[int, int]:
        """Make them; how many were made, and of how many images none could be."""
        made = failed = 0
        for pk, specs in self.missing.items():
            try:
                made += len(self.images[pk].get_renditions(*specs))
            except SourceImageIOError as error:
                failed += 1
                logger.error(
                    "The versions of the image %s (“%s”) could not be made; pages that show it are "
                    "published without those: %s",
                    *(pk, self.images[pk].title, error),
                )
        return made, failed


def published(pages: Iterable[int]) -> list[Page]:
    """Those of the pages with these ids that are live, each of its own type."""
    found = Page.objects.filter(pk__in=pages).live().specific()
    return [page for page in found if hasattr(page, "own_pictures")]


def pages_with_pictures(image=None) -> QuerySet:
    """The ids of the pages that show an image, or ``image``, live or not, as text."""
    model = get_image_model()
    used = ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        to_content_type=ContentType.objects.get_for_model(model),
    )
    if image is not None:
        used = used.filter(to_object_id=str(image.pk))
    return used.values_list("object_id", flat=True).distinct()


def make_for_page_soon(pk: int) -> None:
    """Make what the page with the id ``pk`` wants, once the database has it for certain."""
    _soon(lambda: Wanted(published([pk])).make())


def make_for_image_soon(image) -> None:
    """The same for all pages that show ``image``, whose file or focal point is another."""

    _soon(lambda: Wanted(published(map(int, pages_with_pictures(image)))).make())


def _soon(make: Callable[[], object]) -> None:
    transaction.on_commit(lambda: _begin(make), robust=True)


def _begin(make: Callable[[], object]) -> None:
    if settings.RENDITIONS_IN_BACKGROUND:
        _thread().submit(_finish, make)
    else:
        _try(make)


def _finish(make: Callable[[], object]) -> None:
    try:
        _try(make)
    finally:
        # They are of this thread.
        connections.close_all()


def _try(make: Callable[[], object]) -> None:
    try:
        make()
    except Exception:
        logger.exception("Versions of images could not be made; they are made at the first visit")


@cache
def _thread() -> ThreadPoolExecutor:
    """One, for visitors need the processors too. A process that ends waits for what it began."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="renditions")
