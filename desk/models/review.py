from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from news.models import ArticlePage
from pages.models import SitePage

#: Types whose pages bear a date and tell of that day: they do not go stale.
DATED_TYPES = (ArticlePage,)


def goes_stale(page: Page) -> bool:
    """Whether pages of this type are to be reviewed from time to time.

    An alias is not: it says what another page says, and is changed there.
    """
    model = page.specific_class
    return (
        model is not None
        and issubclass(model, SitePage)
        and not issubclass(model, DATED_TYPES)
        and page.alias_of_id is None
    )


def last_day_in_time() -> date:
    """What was reviewed before this day is to be reviewed again."""
    return timezone.localdate() - timedelta(days=settings.REVIEW_PAGES_EVERY_DAYS)


class PageReviewQuerySet(models.QuerySet):
    def asked(self):
        """Those of pages that visitors may find; drafts and aliases ask for no review."""
        return self.filter(page__live=True, page__alias_of__isnull=True)

    def overdue(self):
        return self.asked().filter(reviewed_on__lt=last_day_in_time())

    def mine_first(self, user):
        """Those that ``user`` answers for, then the others, each from the longest overdue on."""
        return self.annotate(
            is_of_others=Case(When(responsible=user, then=Value(0)), default=Value(1))
        ).order_by("is_of_others", "reviewed_on", "pk")

    def note(self, page: Page, day: date | None = None) -> None:
        """Note that what ``page`` says was found right, on ``day``, by default today."""
        self.update_or_create(
            page_id=page.pk, defaults={"reviewed_on": day or timezone.localdate()}
        )


class PageReview(models.Model):
    """When somebody last made sure that a page still says what is true, and who answers for it.

    Lei 12.527/2011, art. 8, § 3, VI, asks that what is published be kept up to date. Publishing a
    page counts as a review.
    """

    page = models.OneToOneField(
        Page,
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
        verbose_name=_("página"),
    )
    reviewed_on = models.DateField(_("revisada em"), editable=False, db_index=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsável"),
        help_text=_("Quem confere se a página continua certa."),
    )

    objects = PageReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("revisão de página")
        verbose_name_plural = _("revisões de páginas")

    def __str__(self):
        return self.page.title

    @property
    def due_on(self) -> date:
        return self.reviewed_on + timedelta(days=settings.REVIEW_PAGES_EVERY_DAYS)

    @cached_property
    def is_overdue(self) -> bool:
        return self.reviewed_on < last_day_in_time()
