"""Which pages an anonymous visitor may see, as conditions that cost no query of their own."""

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from wagtail.models import PageViewRestriction


def covering_restrictions(prefix: str) -> QuerySet:
    """The view restrictions on a page or on a page above it, as a correlated subquery.

    A restriction covers a page when its page's tree path begins the page's path. ``prefix`` is
    the lookup path to the page with its trailing double underscore: ``"page__"`` for a foreign
    key called ``page``, empty in a query of pages.
    """
    return PageViewRestriction.objects.annotate(
        covered_path=ExpressionWrapper(OuterRef(f"{prefix}path"), output_field=CharField())
    ).filter(covered_path__startswith=F("page__path"))


def published_q(prefix: str = "") -> Q:
    """Condition for a page that is live and under no view restriction.

    Wagtail's ``PageQuerySet.public()`` reads every restriction in a query of its own each time it
    is called; a page made of several listings would pay it several times.
    """
    return Q(**{f"{prefix}live": True}) & ~Exists(covering_restrictions(prefix))
