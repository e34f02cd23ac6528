"""Which pages an anonymous visitor may see, as conditions that cost no query of their own."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from wagtail.models import Page, PageViewRestriction

from .in_force import current_election, may_be_restricted
from .publicity import PublicityMixin, publicity_models


def covering_restrictions(prefix: str) -> QuerySet:
    """The view restrictions on a page or on a page above it, as a correlated subquery.

    A restriction covers a page when its page's tree path begins the page's path. ``prefix`` is
    the lookup path to the page with its trailing double underscore: ``"page__"`` for a foreign
    key called ``page``, empty in a query of pages.
    """
    return PageViewRestriction.objects.annotate(
        covered_path=ExpressionWrapper(OuterRef(f"{prefix}path"), output_field=CharField())
    ).filter(covered_path__startswith=F("page__path"))


def open_q(prefix: str = "") -> Q:
    """Condition for a page that is live and under no view restriction, at any time.

    For what is stored about pages: their counts, the index of the search. Wagtail's
    ``PageQuerySet.public()`` reads every restriction in a query of its own each time it is called;
    a page made of several listings would pay it several times.
    """
    is_live = Q(**{f"{prefix}live": True})
    return is_live & ~Exists(covering_restrictions(prefix)) if may_be_restricted() else is_live


def published_q(prefix: str = "", model: type[Page] = Page) -> Q:
    """Condition for a page that a visitor may see now: an open one that no election withholds.

    ``model`` is the type of the pages asked for, where they are all of one.
    """
    condition = open_q(prefix)
    return condition & _unwithheld_q(prefix, model) if current_election() else condition


def _unwithheld_q(prefix: str, model: type[Page]) -> Q:
    if issubclass(model, PublicityMixin):
        return Q(**{f"{prefix}is_publicity": False})
    if model is not Page:
        return Q()
    models = publicity_models()
    kinds = ContentType.objects.get_for_models(*models).values()
    condition = ~Q(**{f"{prefix}content_type__in": [kind.pk for kind in kinds]})
    for each in models:
        exempt = each._base_manager.filter(pk=OuterRef(f"{prefix}pk"), is_publicity=False)
        condition |= Q(Exists(exempt))
    return condition


def is_withheld(page: Page) -> bool:
    """Whether visitors may not see ``page``, as its own type, because of an election."""
    return bool(getattr(page, "is_publicity", False) and current_election())
