"""Content kept once for each language, and what stands in until it is translated."""

from django.conf import settings
from django.db.models import Case, QuerySet, Value, When


def in_language(queryset: QuerySet, language_code: str | None) -> QuerySet:
    """Rows in ``language_code`` first, then in the default language, and no others.

    The rows' model is translatable (has ``locale``). One query, where asking Wagtail for the
    active locale first would cost another.
    """
    return queryset.filter(
        locale__language_code__in={language_code, settings.LANGUAGE_CODE}
    ).order_by(
        Case(When(locale__language_code=language_code, then=Value(0)), default=Value(1)), "pk"
    )


def html_language(code: str) -> str:
    """A language code of Django's as HTML writes it: ``pt-br`` becomes ``pt-BR``."""
    language, _, region = code.partition("-")
    return f"{language}-{region.upper()}" if region else language
