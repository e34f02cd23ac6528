"""Dates in words, in the reader's language.

Django's own tables begin the names of months with a capital, which Portuguese and Spanish do not
(Acordo Ortográfico de 1990, base XIX).
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language


def _in_words(value: date | None, format_name: str) -> str:
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    text = date_format(value, format_name)
    return text if get_language() == "en" else text.lower()


def long_date(value: date | None) -> str:
    """For example ``5 de março de 2026``; empty without a date."""
    return _in_words(value, "DATE_FORMAT")


def month_and_year(value: date | None) -> str:
    """For example ``março de 2026``; empty without a date."""
    return _in_words(value, "YEAR_MONTH_FORMAT")


def month_name(value: date | None) -> str:
    """For example ``março``; empty without a date."""
    return _in_words(value, "F")
