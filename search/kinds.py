"""The kinds of page, as readers name them and as addresses do."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst, slugify
from django.utils.translation import override
from wagtail.models import Page, get_page_models


@dataclass(frozen=True)
class Kind:
    model: type[Page]
    #: What stands in addresses, in the source language: ``"noticia"``.
    slug: str

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def name(self) -> str:
        """In the reader's language."""
        return str(capfirst(self.model._meta.verbose_name))

    @property
    def is_dated(self) -> bool:
        """Whether readers see a date on pages of this kind."""
        try:
            self.model._meta.get_field("date")
        except FieldDoesNotExist:
            return False
        return True


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of page by the label of its model."""
    with override(settings.LANGUAGE_CODE):
        return {
            model._meta.label_lower: Kind(model, slugify(str(model._meta.verbose_name)))
            for model in get_page_models()
        }


def kind_of(label: str) -> Kind | None:
    return kinds().get(label)
