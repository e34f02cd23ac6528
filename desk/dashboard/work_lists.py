"""The lists of the desk. Each says what is in it for an editor, and how it shows each thing.

The admin's first page shows the beginning of each; ``reports`` shows each whole, with filters. To
add a list, write its class here and put it in ``WORK_LISTS``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.admin.utils import quote
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.utils import get_user_display_name
from wagtail.coreutils import get_content_type_label
from wagtail.images.permissions import permission_policy as image_permission_policy
from wagtail.models import (
    Page,
    Revision,
    TaskState,
    WorkflowState,
    get_default_page_content_type,
)

from pages.models import VideoCaption, VideoPage

from ..links.collect import OTHER_THINGS
from ..models import Link, LinkUse, PageReview
from ..reach import changeable_q, may_change_pages
from . import filters

#: Things of each list on the first page.
SHOWN_FIRST = 5
#: Days within which a page that will be withdrawn by itself is announced.
EXPIRING_DAYS = 30
#: A rich text in which nothing is written: Wagtail keeps the paragraph of an emptied one.
EMPTY_RICH_TEXT = r"^(<p[^>]*></p>|\s)*$"


def day(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return date_format(value, "SHORT_DATE_FORMAT") if value else ""


def moment(value: datetime | None) -> str:
    return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT") if value else ""


def edit_address(page_pk) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page_pk])


@dataclass(frozen=True)
class Fact:
    """A column of a whole list: also of its spreadsheet."""

    name: str
    label: str
    value: Callable


class WorkList:
    #: Names the list in addresses and in the page.
    name = ""
    heading = ""
    icon = "list-ul"
    #: Whether the list differs from editor to editor, so that it is no report of the site.
    is_personal = False
    #: What is known of each thing beside its title.
    facts: tuple[Fact, ...] = ()
    filterset_class: type | None = None
    #: What the thing is called by in the whole list.
    title_label = _("Título")
    #: What the whole list says when there is nothing in it.
    nothing = _("Nada por aqui.")

    @property
    def url_name(self) -> str:
        return f"desk_{self.name}"

    def is_for(self, user) -> bool:
        """Whether ``user`` has anything to do with such things."""
        return may_change_pages(user)

    def things(self, user) -> QuerySet:
        """What ``user`` may act on, in order."""
        raise NotImplementedError

    def all_things(self, user, query: Mapping[str, str]) -> QuerySet:
        """What the whole list begins with, before the filters of ``query`` narrow it."""
        return self.things(user)

    def beginning(self, user) -> "Section":
        """What the first page shows of the list. Two queries at most, one for a short list."""
        things = self.things(user)
        first = list(things[: SHOWN_FIRST + 1])
        count = things.count() if len(first) > SHOWN_FIRST else len(first)
        return Section(self, count, self.prepare(first[:SHOWN_FIRST]))

    def title(self, thing) -> str:
        raise NotImplementedError

    def address(self, thing) -> str:
        """Where the thing is mended."""
        raise NotImplementedError

    def note(self, thing) -> str:
        """What is the matter with the thing, in a line."""
        raise NotImplementedError

    def prepare(self, things: list) -> list:
        """Bring what is shown of the things that are shown, all at once."""
        return things


class PageList(WorkList):
    """A list of pages."""

    facts = (
        Fact("kind", _("Tipo"), lambda page: get_content_type_label(page.content_type)),
        Fact("language", _("Língua"), lambda page: str(page.locale)),
    )
    filterset_class = filters.PageFilterSet

    def title(self, page):
        return page.get_admin_display_title()

    def address(self, page):
        return edit_address(page.pk)

    @staticmethod
    def pages(user) -> QuerySet:
        return Page.objects.filter(changeable_q(user)).select_related("locale", "content_type")


def _of_pages(states: QuerySet, prefix: str = "") -> QuerySet:
    """Workflows of pages only: nothing else on this site has them."""
    return states.filter(**{f"{prefix}base_content_type": get_default_page_content_type()})


class ToApprove(WorkList):
    name = "para-aprovar"
    heading = _("Esperam a sua aprovação")
    icon = "success"
    is_personal = True
    facts = (
        Fact("sent_by", _("Quem enviou"), lambda state: get_user_display_name(_sender(state))),
        Fact("since", _("Desde"), lambda state: moment(state.started_at)),
        Fact("task", _("Etapa"), lambda state: state.task.name),
    )

    def is_for(self, user):
        return True

    def things(self, user):
        states = TaskState.objects.reviewable_by(user)
        return (
            _of_pages(states, "workflow_state__")
            .select_related("revision", "workflow_state__requested_by", "task")
            .defer("revision__content")
            .order_by("started_at", "pk")
        )

    def title(self, state):
        return state.revision.object_str

    def address(self, state):
        return edit_address(state.revision.object_id)

    def note(self, state):
        sender = get_user_display_name(_sender(state))
        if not sender:
            return gettext("enviada em %(day)s") % {"day": day(state.started_at)}
        return gettext("enviada por %(name)s em %(day)s") % {
            "name": sender,
            "day": day(state.started_at),
        }


def _sender(state):
    return state.workflow_state.requested_by


class SentForApproval(WorkList):
    name = "enviadas"
    heading = _("Enviadas por você para aprovação")
    icon = "draft"
    is_personal = True
    facts = (
        Fact("state", _("Situação"), lambda state: SentForApproval.situation(state)),
        Fact("comment", _("Comentário"), lambda state: SentForApproval.comment(state)),
    )

    def is_for(self, user):
        return True

    def things(self, user):
        return (
            _of_pages(WorkflowState.objects.active().filter(requested_by=user))
            .select_related("current_task_state__revision", "current_task_state__task")
            .defer("current_task_state__revision__content")
            # Those that came back first: they wait for the one who sent them.
            .order_by("-status", "created_at", "pk")
            .filter(current_task_state__isnull=False)
        )

    def title(self, state):
        return state.current_task_state.revision.object_str

    def address(self, state):
        return edit_address(state.object_id)

    def note(self, state):
        return self.situation(state)

    @staticmethod
    def situation(state) -> str:
        if state.status == WorkflowState.STATUS_NEEDS_CHANGES:
            finished = state.current_task_state.finished_at
            return gettext("devolvida para ajustes em %(day)s") % {"day": day(finished)}
        return gettext("espera por “%(task)s” desde %(day)s") % {
            "task": state.current_task_state.task.name,
            "day": day(state.current_task_state.started_at),
        }

    @staticmethod
    def comment(state) -> str:
        return state.current_task_state.comment


class Drafts(PageList):
    name = "rascunhos"
    heading = _("Seus rascunhos")
    icon = "edit"
    is_personal = True
    facts = (
        *PageList.facts,
        Fact("edited", _("Última edição"), lambda page: moment(page.latest_revision_created_at)),
        Fact("state", _("Situação"), lambda page: Drafts.situation(page)),
    )

    def things(self, user):
        in_workflow = _of_pages(WorkflowState.objects.active()).filter(
            object_id=Cast(OuterRef("pk"), CharField())
        )
        return (
            self.pages(user)
            .filter(
                ~Exists(in_workflow),
                has_unpublished_changes=True,
                latest_revision__user=user,
                latest_revision__approved_go_live_at__isnull=True,
            )
            .order_by("-latest_revision_created_at", "-pk")
        )

    def note(self, page):
        return gettext("%(situation)s, última edição em %(day)s") % {
            "situation": self.situation(page),
            "day": day(page.latest_revision_created_at),
        }

    @staticmethod
    def situation(page) -> str:
        if page.live:
            return gettext("publicada, com mudanças por publicar")
        return gettext("nunca publicada") if not page.first_published_at else gettext("fora do ar")


def _scheduled_revisions() -> QuerySet:
    return Revision.objects.filter(
        base_content_type=get_default_page_content_type(), approved_go_live_at__isnull=False
    )


class Scheduled(PageList):
    name = "agendadas"
    heading = _("Publicação agendada")
    icon = "calendar-check"
    facts = (
        *PageList.facts,
        Fact("goes_live", _("Publica em"), lambda page: moment(page.goes_live)),
    )

    def things(self, user):
        scheduled = _scheduled_revisions()
        keys = scheduled.annotate(key=Cast("object_id", IntegerField())).values("key")
        when = scheduled.filter(object_id=Cast(OuterRef("pk"), CharField())).values(
            "approved_go_live_at"
        )
        return (
            self.pages(user)
            .filter(pk__in=keys)
            .annotate(goes_live=Subquery(when[:1]))
            .order_by("goes_live", "pk")
        )

    def note(self, page):
        return gettext("publica em %(moment)s") % {"moment": moment(page.goes_live)}


class Expiring(PageList):
    name = "vao-sair"
    heading = _("Saem do ar em até 30 dias")
    icon = "calendar"
    facts = (*PageList.facts, Fact("expires", _("Sai em"), lambda page: moment(page.expire_at)))

    def things(self, user):
        until = timezone.now() + timedelta(days=EXPIRING_DAYS)
        return self.pages(user).filter(live=True, expire_at__lte=until).order_by("expire_at", "pk")

    def note(self, page):
        return gettext("sai do ar em %(moment)s") % {"moment": moment(page.expire_at)}


class ToReview(WorkList):
    name = "a-revisar"
    heading = _("Páginas a revisar")
    icon = "history"
    facts = (
        Fact("reviewed", _("Última revisão"), lambda review: day(review.reviewed_on)),
        Fact(
            "responsible",
            _("Responsável"),
            lambda review: get_user_display_name(review.responsible),
        ),
        Fact("kind", _("Tipo"), lambda review: get_content_type_label(review.page.content_type)),
        Fact("language", _("Língua"), lambda review: str(review.page.locale)),
    )
    filterset_class = filters.ReviewFilterSet

    def things(self, user):
        return (
            PageReview.objects.overdue()
            .filter(changeable_q(user, "page__"))
            .select_related("page__locale", "page__content_type", "responsible")
            .mine_first(user)
        )

    def title(self, review):
        return review.page.get_admin_display_title()

    def address(self, review):
        return edit_address(review.page_id)

    def note(self, review):
        if not review.responsible:
            return gettext("revisada em %(day)s, sem pessoa responsável") % {
                "day": day(review.reviewed_on)
            }
        return gettext("revisada em %(day)s, responsável: %(name)s") % {
            "day": day(review.reviewed_on),
            "name": get_user_display_name(review.responsible),
        }


class BrokenLinks(WorkList):
    name = "links-quebrados"
    heading = _("Links quebrados")
    icon = "link"
    facts = (
        Fact("place", _("Onde"), lambda use: BrokenLinks.place(use)),
        Fact("leads_to", _("Leva a"), lambda use: use.leads_to),
        Fact("problem", _("O que há"), lambda use: use.link.explanation),
        Fact("since", _("Desde"), lambda use: day(use.link.failing_since)),
        Fact("checked", _("Checado em"), lambda use: moment(use.link.checked_at)),
    )
    filterset_class = filters.LinkFilterSet
    title_label = _("Texto do link")
    nothing = _("Nenhum link com problema.")

    def is_for(self, user):
        return may_change_pages(user) or bool(self._others(user))

    def things(self, user):
        return self.in_states(user, [Link.State.BROKEN])

    def all_things(self, user, query):
        """Only broken links, until another state is asked for."""
        state = query.get("state")
        is_asked_for = state in (Link.State.SUSPECT, Link.State.REFUSED)
        return self.in_states(user, [state]) if is_asked_for else self.things(user)

    def in_states(self, user, states: list[str]) -> QuerySet:
        where = (Q(place__page__isnull=False) & changeable_q(user, "place__page__")) | Q(
            place__content_type__in=self._others(user)
        )
        return LinkUse.objects.filter(where, link__state__in=states).listed()

    @staticmethod
    def _others(user) -> list[int]:
        """What beside pages the user may change, by the ids of the content types."""
        return [
            ContentType.objects.get_for_model(model).pk
            for model in OTHER_THINGS
            if user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}")
        ]

    def prepare(self, uses):
        """Give each use the name of what its link leads to, in one query for all pages."""
        keys = {use.link.target for use in uses if use.link.kind == Link.Kind.PAGE}
        titles = dict(Page.objects.filter(pk__in=keys).values_list("pk", "draft_title"))
        for use in uses:
            link = use.link
            use.leads_to = titles.get(link.target) if link.kind == Link.Kind.PAGE else link.address
            use.leads_to = use.leads_to or link.get_kind_display()
        return uses

    def title(self, use):
        return use.text or str(use.link)

    def address(self, use):
        place = use.place
        if place.page_id:
            return edit_address(place.page_id)
        model = place.content_type.model_class()
        return reverse(model.snippet_viewset.get_url_name("edit"), args=[quote(place.object_id)])

    def note(self, use):
        return gettext("em “%(place)s”: %(problem)s") % {
            "place": self.place(use),
            "problem": use.link.explanation,
        }

    @staticmethod
    def place(use) -> str:
        place = use.place
        if place.page_id:
            return place.page.get_admin_display_title()
        kind = capfirst(place.content_type.model_class()._meta.verbose_name)
        return f"{kind}: {place.title}"


class ImagesWithoutCredit(WorkList):
    """Whoever made a work is to be named where it is shown (Lei 9.610/1998, art. 24, II)."""

    name = "imagens-sem-credito"
    heading = _("Imagens sem crédito")
    icon = "image"
    facts = (
        Fact("uploaded", _("Enviada em"), lambda image: day(image.created_at)),
        Fact(
            "uploaded_by",
            _("Quem enviou"),
            lambda image: get_user_display_name(image.uploaded_by_user),
        ),
        Fact("collection", _("Coleção"), lambda image: image.collection.name),
    )
    filterset_class = filters.ImageFilterSet

    def is_for(self, user):
        return image_permission_policy.user_has_permission(user, "change")

    def things(self, user):
        return (
            image_permission_policy.instances_user_has_permission_for(user, "change")
            .filter(credit="")
            .select_related("uploaded_by_user", "collection")
            .order_by("-pk")
        )

    def title(self, image):
        return image.title

    def address(self, image):
        return reverse("wagtailimages:edit", args=[image.pk])

    def note(self, image):
        return gettext("enviada em %(day)s") % {"day": day(image.created_at)}


class IncompleteVideos(PageList):
    """Videos that some cannot follow (WCAG 2.2, 1.2.2 Captions; 1.2.3 Media Alternative)."""

    name = "videos-incompletos"
    heading = _("Vídeos sem legendas ou sem transcrição")
    icon = "media"
    facts = (*PageList.facts, Fact("lacks", _("O que falta"), lambda page: page.lacks))
    filterset_class = filters.LanguageFilterSet

    def things(self, user):
        captions = VideoCaption.objects.filter(video_file=OuterRef("video_file"))
        return (
            VideoPage.objects.filter(changeable_q(user), live=True, alias_of__isnull=True)
            .annotate(has_captions=Exists(captions))
            .filter(
                Q(video_file__isnull=False, has_captions=False)
                | Q(transcript__regex=EMPTY_RICH_TEXT)
            )
            .select_related("locale", "content_type")
            .defer("body")
            .order_by("-date", "-pk")
        )

    def prepare(self, videos):
        for video in videos:
            lacks_captions = video.video_file_id and not video.has_captions
            lacks_transcript = re.search(EMPTY_RICH_TEXT, video.transcript)
            if lacks_captions and lacks_transcript:
                video.lacks = gettext("legendas e transcrição")
            else:
                video.lacks = gettext("legendas") if lacks_captions else gettext("transcrição")
        return videos

    def note(self, video):
        return gettext("falta: %(lacks)s") % {"lacks": video.lacks}


@dataclass
class Section:
    """The beginning of a list, as the first page shows it."""

    work_list: WorkList
    count: int
    items: list

    @cached_property
    def rows(self) -> list[tuple[str, str, str]]:
        """Title, address and note of each."""
        shown = self.work_list
        return [(shown.title(it), shown.address(it), shown.note(it)) for it in self.items]

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.items)

    @property
    def whole_address(self) -> str:
        return reverse(self.work_list.url_name)


#: In the order in which the first page shows them: what waits for a person before what is wrong.
WORK_LISTS: tuple[WorkList, ...] = (
    ToApprove(),
    SentForApproval(),
    Drafts(),
    Scheduled(),
    Expiring(),
    ToReview(),
    BrokenLinks(),
    ImagesWithoutCredit(),
    IncompleteVideos(),
)
