"""Search over all that the site publishes."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from .visibility import published_q

#: Longest query that makes sense; the rest of a longer one is ignored rather than refused.
MAX_QUERY_LENGTH = 200


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("O que você procura?"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def clean_q(self) -> str:
        return " ".join(self.cleaned_data["q"][:MAX_QUERY_LENGTH].split())


class SearchResults:
    """Results of Wagtail's search as a sequence that a paginator can cut, of specific pages."""

    def __init__(self, results):
        self.results = results

    def __len__(self):
        return self.results.count()

    count = __len__

    def __getitem__(self, key):
        found = self.results[key]
        pks = [page.pk for page in found]
        specific = {page.pk: page for page in Page.objects.filter(pk__in=pks).specific()}
        return [specific[pk] for pk in pks if pk in specific]


def search_pages(query: str, language_code: str) -> SearchResults:
    """Published pages in a language that have the words of ``query``, the best first."""
    pages = Page.objects.filter(published_q(), depth__gt=1, locale__language_code=language_code)
    # Signs mean nothing here, and something to the search of the databases.
    words = " ".join(re.findall(r"\w+", query))
    # The search compiler reads plain conditions only; the others go in a subquery.
    return SearchResults(Page.objects.filter(pk__in=pages.values("pk")).search(words))
