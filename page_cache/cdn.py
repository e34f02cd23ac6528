"""Asks a CDN to forget what a page's publication changes, by Wagtail's frontend cache module.

Needed only where a CDN was told to keep pages longer than they say (docs/deployment.md). Forgotten
are the page's own addresses and those of the pages above it, which list it: the news index with its
periods and feeds, the home; and the sitemap. What else may show it (a page that links to it, a
menu) ends with the CDN's own time.

The CDN is asked after the transaction, and in a thread that the process waits for when it ends:
a CDN that is slow or fails keeps no editor waiting and undoes nothing. What it refuses is logged.
It is asked twice: between the first time and the moment at which the whole site shows the change, a
visitor may have it fetch the page as it was, and keep it.
"""

import logging
import threading
import time
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import resolve, reverse
from wagtail.contrib.frontend_cache.tasks import purge_urls_from_cache_task
from wagtail.contrib.frontend_cache.utils import PurgeBatch
from wagtail.models import Page
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

logger = logging.getLogger(__name__)

#: Seconds from the first time to the second. nginx may show a copy for one, and for another while
#: it asks for a new one.
AGAIN = 2.5


def purge_published(sender, instance: Page, **kwargs) -> None:
    """A page that is published now, or is no longer."""
    if settings.WAGTAILFRONTENDCACHE:
        _purge([instance])


def purge_renamed(sender, instance: Page, instance_before: Page, **kwargs) -> None:
    if settings.WAGTAILFRONTENDCACHE:
        _purge_moved(instance, instance_before.url_path, instance.url_path)


def purge_moved(
    sender, instance: Page, url_path_before: str, url_path_after: str, **kwargs
) -> None:
    """A page that has another place in the tree, with all below it."""
    if settings.WAGTAILFRONTENDCACHE and url_path_before != url_path_after:
        _purge_moved(instance, url_path_before, url_path_after)


def _purge_moved(page: Page, before: str, after: str) -> None:
    pages = []
    for each in Page.objects.descendant_of(page, inclusive=True).live():
        pages.append(each)
        former = Page.objects.get(pk=each.pk)
        former.url_path = before + each.url_path.removeprefix(after)
        pages.append(former)
    _purge(pages)


def _purge(pages: Iterable[Page]) -> None:
    batch = PurgeBatch()
    for page in pages:
        batch.add_page(page)
        batch.add_pages(page.get_ancestors().live())
    if not batch.urls:
        return
    batch.add_urls(_sitemaps())
    transaction.on_commit(partial(_begin, sorted(batch.urls)))


def _sitemaps() -> list[str]:
    index = reverse("sitemap")
    names = [section.name for source in resolve(index).kwargs["sources"] for section in source()]
    paths = [index, *(reverse("sitemap_section", args=[name]) for name in names)]
    return [settings.SITE_URL + path for path in paths]


def _begin(urls: list[str]) -> None:
    threading.Thread(target=_ask_twice, args=(urls,), name="page-cache-cdn").start()


def _ask_twice(urls: list[str]) -> None:
    _ask(urls)
    time.sleep(AGAIN)
    _ask(urls)


def _ask(urls: list[str]) -> None:
    try:
        purge_urls_from_cache_task.call(urls)
    except Exception:
        logger.exception("The CDN was not asked to forget %d addresses", len(urls))


def connect() -> None:
    page_published.connect(purge_published)
    page_unpublished.connect(purge_published)
    page_slug_changed.connect(purge_renamed)
    post_page_move.connect(purge_moved)
