"""Which publications need a justification, and how they are made with one."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page, WorkflowState

from pages.models import ElectionPeriod
from pages.publicity import PublicityMixin

from ..models import ElectionJustification

#: In the history of a page.
LOG_ACTION = "desk.election_justification"


def period_of(page: Page) -> ElectionPeriod | None:
    """The election period in which ``page`` would come out, were its draft published now.

    None for pages that are neither news nor a video, which elections do not concern.
    """
    if not _is_concerned(page):
        return None
    draft = page.get_latest_revision_as_object()
    moment = max(timezone.now(), draft.go_live_at or timezone.now())
    return ElectionPeriod.objects.at(moment).first()


def _is_concerned(page: Page) -> bool:
    return bool(page.specific_class and issubclass(page.specific_class, PublicityMixin))


def with_drafts_below(pages: Iterable[Page], user) -> list[Page]:
    """``pages`` and the drafts below them that ``user`` may publish."""
    found = {page.pk: page for page in pages}
    for page in list(found.values()):
        for below in page.get_descendants().not_live().specific():
            if below.permissions_for_user(user).can_publish():
                found.setdefault(below.pk, below)
    return list(found.values())


def justify_address(pages: Iterable[Page], next_url: str = "") -> str:
    """Where the publication of ``pages`` is justified and then made."""
    query = [("pagina", page.pk) for page in pages]
    if next_url:
        query.append(("next", next_url))
    return f"{reverse('election_justify')}?{urlencode(query)}"


def is_approved_by(page: Page, user) -> bool:
    """Whether ``user`` gave the last approval of a draft that still waits to be published."""
    state = page.workflow_states.order_by("-created_at", "-pk").first()
    if not state or state.status != WorkflowState.STATUS_APPROVED or not state.current_task_state:
        return False
    stored = Page.objects.only("live", "live_revision_id", "latest_revision_id").get(pk=page.pk)
    waits = not stored.live or stored.live_revision_id != stored.latest_revision_id
    return waits and state.current_task_state.finished_by_id == user.pk


@transaction.atomic
def publish(pages: Iterable[Page], user, text: str) -> None:
    """Publish the drafts of ``pages``, with ``text`` as the justification of those that need one.

    Raises ``PermissionDenied`` for pages that ``user`` may not publish.
    """
    for page in pages:
        period = period_of(page)
        revision = page.get_latest_revision() or page.specific.save_revision(user=user)
        if period:
            draft = revision.as_object()
            ElectionJustification.objects.create(
                page=page,
                page_title=draft.title,
                is_publicity=draft.is_publicity,
                user=user,
                user_name=user.get_full_name() or user.get_username(),
                period=period,
                period_name=period.name,
                text=text,
            )
            log(page.specific, LOG_ACTION, user=user, revision=revision, data={"text": text})
        revision.publish(user=user)


def keep_as_draft(page: Page) -> None:
    """Take back what the form for new pages does before it asks: it stores them as published."""
    page.live = False
    page.has_unpublished_changes = True
    page.save(clean=False, update_fields=["live", "has_unpublished_changes"])
