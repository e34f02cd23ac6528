"""What editors do to pages, told to what is known of links, in the same transaction."""

from django.db.models.signals import post_delete
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished

from ..models import Link
from .collect import forget, store
from .internal import check_chosen, check_links_to


def connect() -> None:
    page_published.connect(page_was_published)
    page_unpublished.connect(page_was_unpublished)
    post_delete.connect(page_was_deleted, sender=Page)


def page_was_published(instance, **kwargs):
    """Links that were mended leave the report at once; new ones are known to it.

    The site is not asked for addresses here, and other sites neither: that is for the nightly run.
    """
    if not instance.live:  # it is to go live later
        return
    if instance.alias_of_id is None:
        check_chosen(Link.objects.filter(pk__in=store([instance])))
    check_links_to(instance.pk)


def page_was_unpublished(instance, **kwargs):
    forget([instance.pk])
    check_links_to(instance.pk)


def page_was_deleted(instance, **kwargs):
    check_links_to(instance.pk)
