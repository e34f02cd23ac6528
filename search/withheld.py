"""What the index may bring while an election withholds institutional publicity.

The index keeps all pages, so that nothing need be indexed anew when an election begins or ends. It
is asked then among the pages that visitors may see: a small number, whatever the number of news.
"""

from wagtail.models import get_page_models

from pages.in_force import current_election
from pages.publicity import publicity_models

from .models import SearchEntry


def shown_pages(language: str) -> tuple[str, tuple] | None:
    """The ids of the pages that elections leave, as a query and its parameters.

    None where nothing is withheld.
    """
    if not current_election():
        return None
    withheld = publicity_models()
    kinds = [model._meta.label_lower for model in get_page_models() if model not in withheld]
    shown = SearchEntry.objects.filter(language=language, kind__in=kinds).order_by()
    exempt = [
        model._base_manager.filter(is_publicity=False).order_by().values("pk") for model in withheld
    ]
    return shown.values("page_id").union(*exempt, all=True).query.sql_with_params()
