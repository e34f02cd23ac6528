from django.db.models.signals import post_save
from wagtail.models import Page
from wagtail.signals import page_published

from ..models import PageReview, goes_stale


def connect() -> None:
    post_save.connect(page_was_made)
    page_published.connect(page_was_published)


def page_was_made(sender, instance, created=False, raw=False, **kwargs):
    """A page that is made published, as programs do, was right on that day."""
    if created and not raw and isinstance(instance, Page) and instance.live:
        _note(instance)


def page_was_published(instance, **kwargs):
    """Whoever publishes a page has read it."""
    if instance.live:  # else it is to go live later
        _note(instance)


def _note(page: Page) -> None:
    if goes_stale(page):
        PageReview.objects.note(page)
