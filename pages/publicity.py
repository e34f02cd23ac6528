"""Institutional publicity, which the law has withdrawn before municipal elections.

Lei nº 9.504/1997, art. 73, VI, "b", forbids institutional publicity of the municipality's organs in
the three months before a municipal election. What stays available counts, whenever it was first
published: so what a page is decides, not its date.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, get_page_models


class PublicityMixin(models.Model):
    """A page that is institutional publicity, unless its editors say that it is something else."""

    is_publicity = models.BooleanField(
        _("é publicidade institucional"),
        default=True,
        help_text=_(
            "Deixe marcado, salvo se a página presta um serviço ou publica o que a lei obriga. "
            "O que está marcado sai do ar sozinho no período eleitoral e volta depois "
            "(Lei nº 9.504/1997, art. 73, VI, “b”). Na dúvida, deixe marcado e consulte a "
            "Procuradoria."
        ),
    )

    class Meta:
        abstract = True


def publicity_models() -> list[type[Page]]:
    """The types of page that may be institutional publicity."""
    return [model for model in get_page_models() if issubclass(model, PublicityMixin)]
