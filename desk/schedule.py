"""Publishes and takes down pages at the times that editors chose.

Each is done in a transaction of its own that first locks the row it is about, and looks again
whether there is still something to do. So any number of runs may go on at once, on one machine or
on several: what one has locked the others pass by. On SQLite a transaction locks the whole
database as it begins (`SQLITE_OPTIONS`), with the same effect. A run that was missed is caught up
by the next.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from wagtail.models import DraftStateMixin, Page, Revision

from news.models import ArticlePage

logger = logging.getLogger(__name__)


@dataclass
class Run:
    """What one run of the schedule did."""

    published: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)
    #: What failed and is tried again by the next run.
    failed: list[str] = field(default_factory=list)


def _models_with_drafts() -> Iterator[type]:
    yield Page
    for model in apps.get_models():
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page):
            yield model


def _locked(queryset, pk):
    """The row ``pk`` of ``queryset`` for this transaction alone; None if another has it, or if it
    no longer is in ``queryset``."""
    if connection.features.has_select_for_update_skip_locked:
        queryset = queryset.select_for_update(skip_locked=True, of=("self",))
    return queryset.filter(pk=pk).first()


def _bring_date_forward(revision: Revision) -> None:
    """Date an article that appears for the first time by the moment for which it was scheduled.

    Its editor left the date of the day of writing. Left so, the article would come below others
    that readers have seen, and readers of feeds, who look at the newest only, might miss it. A date
    that was chosen stays: a later one, and one of before the article was begun. The draft that was
    saved after the scheduling, if any, gets the new date too.
    """
    if not issubclass(revision.content_type.model_class(), ArticlePage):
        return
    article = revision.content_object
    moment = revision.approved_go_live_at
    before = revision.content.get("date")
    if article.first_published_at or not before or parse_datetime(before) >= moment:
        return
    begun = article.revisions.order_by("created_at").values_list("created_at", flat=True).first()
    if begun and timezone.localdate(parse_datetime(before)) < timezone.localdate(begun):
        return
    drafts = [revision]
    if article.latest_revision_id != revision.pk and article.latest_revision:
        drafts.append(article.latest_revision)
    for draft in drafts:
        if draft.content.get("date") == before:
            draft.content["date"] = DjangoJSONEncoder().default(moment)
            draft.save(update_fields=["content"])


def _publish(revision: Revision) -> str:
    _bring_date_forward(revision)
    revision.publish(log_action="wagtail.publish.scheduled")
    return str(revision.content_object)


def _unpublish(instance) -> str:
    specific = instance.specific if isinstance(instance, Page) else instance
    # Wagtail forgets with this that a version is to be published later. The editor meant both.
    later = list(specific.revisions.exclude(approved_go_live_at=None))
    specific.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    Revision.objects.bulk_update(later, ["approved_go_live_at"])
    return str(specific)


def _do_each(due, act: Callable, done: list[str], failed: list[str]) -> None:
    for pk in list(due.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                row = _locked(due, pk)
                title = act(row) if row else None
        except Exception as error:
            # Whatever is wrong with one page, the others have their time too.
            logger.exception("Schedule: %s %s failed", due.model._meta.label, pk)
            failed.append(f"{due.model._meta.label} {pk}: {error}")
            if isinstance(error, DatabaseError) and not connection.is_usable():
                raise
        else:
            if title is not None:
                done.append(title)


def run(now: datetime | None = None) -> Run:
    """Do all whose time has come, the earliest first.

    First it publishes, so that a page whose next version comes as the present one ends does not
    vanish between the two, and one whose whole time was missed does not stay.
    What fails is logged, told in the answer, and left for the next run. Raises DatabaseError when
    the database is gone.
    """
    now = now or timezone.now()
    result = Run()
    due = Revision.objects.filter(approved_go_live_at__lte=now).order_by(
        "approved_go_live_at", "pk"
    )
    _do_each(due, _publish, result.published, result.failed)
    for model in _models_with_drafts():
        due = model.objects.filter(live=True, expire_at__lte=now).order_by("expire_at", "pk")
        _do_each(due, _unpublish, result.unpublished, result.failed)
    return result
