"""Listings cut into pages, the same way everywhere."""

from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator

#: Name of the query parameter that carries the page number.
PARAMETER = "pagina"


class ElidedPage(PaginatorPage):
    @property
    def elided_range(self) -> list:
        """Page numbers worth linking to, with an ellipsis where some are left out."""
        return list(self.paginator.get_elided_page_range(self.number, on_each_side=1, on_ends=1))


class ElidedPaginator(Paginator):
    def _get_page(self, *args, **kwargs):
        return ElidedPage(*args, **kwargs)


def paginate(objects, request, per_page: int = 12) -> ElidedPage:
    """The page of ``objects`` that the request asks for; the nearest one when it asks amiss."""
    page = ElidedPaginator(objects, per_page).get_page(request.GET.get(PARAMETER))
    return cast(ElidedPage, page)


def note_if_linked(request, page: PaginatorPage, chosen: Mapping[str, str] | None = None) -> None:
    """Say of the request whether its query is one that the site's own links have.

    There are only so many of these, so that they are worth keeping (``page_cache``); others anybody
    can invent. ``chosen`` are the parameters besides the number, as links have them.
    """
    query = dict(chosen or {})
    if page.number > 1:
        query[PARAMETER] = str(page.number)
    asked = request.META.get("QUERY_STRING", "")
    request.is_linked = bool(page.object_list) and asked == urlencode(query)
