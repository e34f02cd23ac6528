"""What happens to pages, told to the index in the same transaction."""

from django.apps import apps
from django.db import connection
from django.db.models.signals import post_delete, post_save, pre_delete
from wagtail.models import Page, PageViewRestriction
from wagtail.signals import page_published, post_page_move

from . import index
from .models import SearchEntry


def connect() -> None:
    post_save.connect(page_saved)
    page_published.connect(page_was_published)
    post_page_move.connect(page_moved)
    pre_delete.connect(page_deleted)
    for signal in (post_save, post_delete):
        signal.connect(restriction_changed, sender=PageViewRestriction)


def page_saved(sender, instance, raw=False, update_fields=None, **kwargs):
    """A page was saved, by whatever way: published, unpublished, or changed by a program.

    The page is read anew: what was saved may hold the draft of a published page. Fixtures are
    left to ``rebuild_search``, for what a page depends on may not be there yet.
    """
    if isinstance(instance, Page) and not raw:
        index.update([instance.pk])


def page_was_published(sender, instance, **kwargs):
    """A page is published after its saving, when its inline parts are stored as well."""
    index.update([instance.pk])


def page_moved(sender, instance, **kwargs):
    """A page and those below it may have come under a restriction, or out of one."""
    index.synchronise(Page.objects.filter(path__startswith=instance.path))


def page_deleted(sender, instance, **kwargs):
    if sender is Page:
        index.remove([instance.pk])


def restriction_changed(sender, instance, **kwargs):
    page = Page.objects.filter(pk=instance.page_id).first()
    if page:
        index.synchronise(Page.objects.filter(path__startswith=page.path))


def fill_an_empty_index(using, **kwargs):
    """Index the pages of a site that had none of this before it was upgraded."""
    tables = set(connection.introspection.table_names())
    needed = {model._meta.db_table for model in apps.get_models() if issubclass(model, Page)}
    if needed | {SearchEntry._meta.db_table} <= tables and not SearchEntry.objects.exists():
        index.rebuild()
