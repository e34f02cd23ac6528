"""Links that lead to a page of the site or to another address."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def require_one_target(page_id: int | None, url: str) -> None:
    """Raise ``ValidationError``, keyed by field, unless there is a page or an address, not both."""
    if page_id and url:
        raise ValidationError(
            {"url": _("Escolha uma página do site ou escreva um endereço, não os dois.")}
        )
    if not page_id and not url:
        raise ValidationError({"page": _("Escolha uma página do site ou escreva um endereço.")})
