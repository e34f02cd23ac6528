"""The recycle bin: what an editor deletes can be brought back for a while."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.actions.move_page import MovePageAction
from wagtail.log_actions import log
from wagtail.models import Locale, Page, Revision, Site, WorkflowState
from wagtail.permissions import page_permission_policy
from wagtail.signals import page_published

#: For how many days what was deleted is kept.
KEPT_DAYS = 30


class Trash(Page):
    """Where deleted pages lie: below the root of the tree, beside the sites and out of their reach.

    No page in it has an address.
    """

    is_creatable = False
    parent_page_types: list = []
    subpage_types: list = []
    page_description = _("Guarda por trinta dias as páginas excluídas.")
    listed_in_site_map = False

    class Meta:
        verbose_name = _("lixeira")
        verbose_name_plural = _("lixeiras")

    @classmethod
    def get(cls) -> "Trash":
        """The recycle bin, made when it is first needed."""
        trash = cls.objects.first()
        if trash is None:
            root = Page.get_first_root_node()
            title = str(cls._meta.verbose_name).capitalize()
            trash = cls(title=title, slug="lixeira", live=False, locale=Locale.get_default())
            root.add_child(instance=trash)
        return trash

    @classmethod
    def pages_q(cls) -> models.Q:
        """Condition for a page that is the recycle bin or lies in it."""
        paths = cls.objects.values_list("path", flat=True)
        condition = models.Q(pk__in=[])
        for path in paths:
            condition |= models.Q(path__startswith=path)
        return condition


class TrashedPageQuerySet(models.QuerySet):
    def expired(self, now: datetime | None = None):
        """Those whose time is over."""
        return self.filter(deleted_at__lt=(now or timezone.now()) - timedelta(days=KEPT_DAYS))

    def seen_by(self, user):
        """Those that ``user`` deleted, or whose place the user works on."""
        if user.is_superuser:
            return self
        allowed = page_permission_policy.instances_user_has_any_permission_for(
            user, {"add", "change", "publish"}
        )
        return self.filter(models.Q(parent__in=allowed) | models.Q(deleted_by=user))


class TrashedPageManager(models.Manager.from_queryset(TrashedPageQuerySet)):
    @transaction.atomic
    def put(self, page: Page, user=None) -> "TrashedPage":
        """Take ``page`` and all below it off the site, and keep what is needed to undo it.

        Nothing of them is changed but their place and that they are not published.

        Raises ``ValueError`` for a page that cannot be spared: a home, the recycle bin.
        """
        if not can_be_trashed(page):
            raise ValueError(f"{page} cannot be put into the recycle bin")
        pages = list(page.get_descendants(inclusive=True).order_by("path"))
        published = [each.specific for each in pages if each.live]
        record = self.model(
            page=page.page_ptr if hasattr(page, "page_ptr") else page,
            parent=page.get_parent(),
            before=page.get_next_sibling(),
            slug=page.slug,
            place=" › ".join(
                each.title for each in page.get_ancestors().filter(depth__gt=1).order_by("path")
            ),
            deleted_by=user,
            published=[
                {
                    "page": each.pk,
                    "revision": each.live_revision_id,
                    "is_changed": each.has_unpublished_changes,
                }
                for each in published
            ],
        )
        keys = [each.pk for each in pages]
        _withdraw(keys, user)
        # From the leaves up, as they would be unpublished by hand.
        for each in reversed(published):
            each.unpublish(user=user, log_action=False)
        # The place in the recycle bin must be free, whatever else lies there.
        Page.objects.filter(pk=page.pk).update(slug=f"lixeira-{page.pk}")
        _move(page, Trash.get(), "last-child")
        record.page = Page.objects.get(pk=page.pk)
        record.save(force_insert=True)
        log(instance=page, action="desk.trash", user=user, data={"place": record.place})
        return record


def can_be_trashed(page: Page) -> bool:
    """Whether the site can do without ``page``."""
    if page.depth < 2 or Page.objects.filter(Trash.pages_q(), pk=page.pk).exists():
        return False
    homes = Site.objects.values_list("root_page__translation_key", flat=True)
    return not (
        page.get_descendants(inclusive=True).filter(translation_key__in=list(homes)).exists()
    )


def _withdraw(keys: Iterable[int], user) -> None:
    """Cancel what waits to happen to pages: reviews, publication at a time."""
    names = [str(key) for key in keys]
    waiting = WorkflowState.objects.filter(
        base_content_type__app_label="wagtailcore",
        base_content_type__model="page",
        object_id__in=names,
        status__in=(WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES),
    )
    for state in waiting:
        state.cancel(user=user)
    Revision.page_revisions.filter(object_id__in=names).update(approved_go_live_at=None)


class TrashedPage(models.Model):
    """A page in the recycle bin, and how it was before."""

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, primary_key=True, related_name="+", editable=False
    )
    #: Where it was, and before which other page; None when those are gone.
    parent = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    before = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    slug = models.CharField(max_length=255, editable=False)
    #: The titles of the pages above it, for people.
    place = models.TextField(_("lugar"), editable=False)
    deleted_at = models.DateTimeField(
        _("quando"), default=timezone.now, editable=False, db_index=True
    )
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("por quem"),
    )
    #: Of it and the pages below it, those that were published: their id, the revision that was
    #: public, and whether there was a newer draft.
    published = models.JSONField(default=list, editable=False)

    objects = TrashedPageManager()

    class Meta:
        verbose_name = _("página na lixeira")
        verbose_name_plural = _("páginas na lixeira")

    def __str__(self):
        return self.page.get_admin_display_title()

    @property
    def kept_until(self) -> datetime:
        """When it goes for good."""
        return self.deleted_at + timedelta(days=KEPT_DAYS)

    @property
    def was_published(self) -> bool:
        return any(each["page"] == self.page_id for each in self.published)

    def possible_parents(self) -> models.QuerySet:
        """Pages below which it may stand: where it was or, if that is gone, the like of it."""
        outside = Page.objects.exclude(Trash.pages_q())
        if self.parent_id and outside.filter(pk=self.parent_id).exists():
            return outside.filter(pk=self.parent_id)
        models_above = self.page.specific_class.allowed_parent_page_models()
        return outside.filter(depth__gt=1).type(*models_above).order_by("path")

    @transaction.atomic
    def restore(self, parent: Page, user=None) -> Page:
        """Bring the page back below ``parent``, published where it was. The record is gone then.

        A slug that another page has taken meanwhile gets a number.
        """
        before = self.before
        if before and before.is_child_of(parent):
            _move(self.page, before, "left")
        else:
            _move(self.page, parent, "last-child")
        page = Page.objects.get(pk=self.page_id)
        page.slug = _free_slug(self.slug, parent, page)
        page.save()
        for each in self.published:
            found = Page.objects.filter(pk=each["page"]).first()
            if found is None:
                continue
            restored = found.specific
            restored.live = True
            restored.has_unpublished_changes = each["is_changed"]
            restored.live_revision = Revision.objects.filter(pk=each["revision"]).first()
            restored.save()
            page_published.send(
                sender=type(restored), instance=restored, revision=restored.live_revision
            )
        self.delete()
        page = Page.objects.get(pk=page.pk).specific
        log(instance=page, action="desk.restore", user=user)
        return page


def _move(page: Page, target: Page, pos: str) -> None:
    # Whether the user may delete and restore was asked; nobody may move pages to and fro.
    MovePageAction(Page.objects.get(pk=page.pk), target, pos=pos).execute()


def _free_slug(slug: str, parent: Page, page: Page) -> str:
    free, number = slug, 1
    while not Page._slug_is_available(free, parent, page):
        number += 1
        free = f"{slug}-{number}"
    return free
