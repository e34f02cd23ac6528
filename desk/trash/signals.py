"""What the desk does when things change."""

from django.db.models.signals import pre_delete
from wagtail.log_actions import get_active_log_context

from ..models.trashed_thing import TrashedThing, is_kept_when_deleted


def keep_what_an_editor_deletes(sender, instance, origin=None, **kwargs) -> None:
    """Keep what someone deletes in the admin. Programs that delete mean it."""
    user = get_active_log_context().user
    # What goes because something else goes is kept with that.
    is_meant = (
        origin is None or isinstance(origin, sender) or getattr(origin, "model", None) is sender
    )
    if user and is_meant and is_kept_when_deleted(instance):
        TrashedThing.objects.keep(instance, user)


def connect() -> None:
    pre_delete.connect(keep_what_an_editor_deletes, dispatch_uid="desk.keep_what_is_deleted")
