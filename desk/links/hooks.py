"""Menus and the other things shown on pages tell of their links when they are edited."""

from wagtail import hooks

from ..models import Link
from .collect import OTHER_THINGS, forget_what_is_gone, store
from .internal import check_chosen


@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def snippet_was_saved(request, instance):
    """Here the entries of a menu are stored as well, which they are not when it sends signals."""
    if isinstance(instance, OTHER_THINGS):
        check_chosen(Link.objects.filter(pk__in=store([instance])))


@hooks.register("after_delete_snippet")
def snippets_were_deleted(request, instances):
    if any(isinstance(instance, OTHER_THINGS) for instance in instances):
        forget_what_is_gone()
