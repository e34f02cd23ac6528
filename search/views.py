from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from pages.limits import count_request
from pages.pagination import paginate

from .answers import answer
from .filters import Filters
from .forms import SearchForm


@require_safe
def search(request):
    """All that the site publishes in the active language, by words. Nothing of it is recorded."""
    form = SearchForm(request.GET if "q" in request.GET else None)
    query = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    context = {"form": form, "query": query}
    language = get_language()
    filters = Filters(request.GET, language)
    if query:
        count_request(request, "search")
        found = answer(query, language, filters.kind_label, filters.year)
        results = paginate(found.results(request), request)
        context |= {
            "answer": found,
            "results": results,
            "page_range": results.elided_range,
            "filters": filters,
            "kind_options": filters.kind_options(found.by_kind),
            "year_options": filters.year_options(found.by_year),
        }
    return render(request, "search/search.html", context)
