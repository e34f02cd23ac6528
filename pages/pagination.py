"""Listings cut into pages, the same way everywhere."""

from typing import cast

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
