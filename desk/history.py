"""Who did what and when: Wagtail's history of the site, without its gaps.

Wagtail writes down what happens to pages, and what its forms create, change and delete. It does not
write down files uploaded several at a time or from a page's form, actions on many rows at once,
imported redirects, the making and unmaking of workflows, or who may see a collection. Here whatever
an editor changes in the admin is noticed by signals, and what Wagtail did not write of it is
written when the request ends.

Nothing is ever taken out of the history: entries outlive what they are about and who did it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from wagtail import hooks
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.log_actions import get_active_log_context, log
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Locale,
    ModelLogEntry,
    Site,
    Task,
    Workflow,
    WorkflowPage,
)
from wagtail.snippets.models import get_snippet_models

CREATE, EDIT, DELETE = "wagtail.create", "wagtail.edit", "wagtail.delete"


@cache
def watched_models() -> tuple[type[Model], ...]:
    """What editors change in the admin, besides pages."""
    return (
        *get_snippet_models(),
        get_image_model(),
        get_document_model(),
        Collection,
        Group,
        Locale,
        Redirect,
        Site,
        Task,
        User,
        Workflow,
    )


@dataclass
class Change:
    """What was done to a row in a request."""

    instance: Model
    pk: int
    label: str
    action: str
    user: User
    uuid: UUID


@dataclass
class Changes:
    """What was done in a request, each row once."""

    by_row: dict[tuple[int, str], Change] = field(default_factory=dict)

    def add(self, instance: Model, action: str) -> None:
        context = get_active_log_context()
        if context.user is None:
            return
        kind = ContentType.objects.get_for_model(instance, for_concrete_model=False)
        key = (kind.pk, str(instance.pk))
        before = self.by_row.get(key)
        if before and action == EDIT:
            return  # created or changed already
        self.by_row[key] = Change(
            instance, instance.pk, str(instance), action, context.user, context.uuid
        )

    def write(self) -> None:
        """Put into the history what Wagtail did not."""
        uuids = {change.uuid for change in self.by_row.values()}
        written = set(
            ModelLogEntry.objects.filter(uuid__in=uuids).values_list("content_type_id", "object_id")
        )
        for key, change in self.by_row.items():
            if key not in written:
                # Django takes the key from what it deletes.
                change.instance.pk = change.pk
                log(
                    change.instance,
                    change.action,
                    user=change.user,
                    uuid=change.uuid,
                    title=change.label,
                    deleted=change.action == DELETE,
                    content_changed=True,
                )


_changes: ContextVar[Changes | None] = ContextVar("changes", default=None)


def _note(instance: Model, action: str) -> None:
    changes = _changes.get()
    if changes is not None and isinstance(instance, watched_models()):
        changes.add(instance, action)


class HistoryMiddleware:
    """Notices what a request changes, and writes the gaps of the history when it is answered.

    A request that fails has undone what it did, and leaves no trace.
    """

    def __init__(self, get_response: Callable):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        changes = Changes()
        token = _changes.set(changes)
        try:
            response = self.get_response(request)
        finally:
            _changes.reset(token)
        if changes.by_row and response.status_code < 500:
            changes.write()
        return response


def row_saved(sender, instance, created=False, raw=False, **kwargs):
    if not raw:
        _note(instance, CREATE if created else EDIT)


def row_deleted(sender, instance, **kwargs):
    _note(instance, DELETE)


def workflow_of_pages_changed(sender, instance, **kwargs):
    _note(instance.workflow, EDIT)


def privacy_of_collection_changed(sender, instance, **kwargs):
    _note(instance.collection, EDIT)


def roles_of_people_changed(sender, instance, action, reverse, pk_set, **kwargs):
    if action not in ("post_add", "post_remove", "post_clear"):
        return
    people = User.objects.filter(pk__in=pk_set or ()) if reverse else [instance]
    for person in people:
        _note(person, EDIT)


def connect() -> None:
    post_save.connect(row_saved)
    post_delete.connect(row_deleted)
    for signal in (post_save, post_delete):
        signal.connect(workflow_of_pages_changed, sender=WorkflowPage)
        signal.connect(privacy_of_collection_changed, sender=CollectionViewRestriction)
    m2m_changed.connect(roles_of_people_changed, sender=User.groups.through)


@hooks.register("after_bulk_action")
def many_rows_changed(request, action_type, objects, action):
    """Actions on many rows at once may pass the signals by, with `QuerySet.update`."""
    for instance in objects:
        _note(instance, DELETE if action_type == "delete" else EDIT)
