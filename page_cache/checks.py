from django.core import checks
from django.db import connections
from django.db.utils import DatabaseError

from . import triggers


@checks.register(checks.Tags.database)
def triggers_are_in_place(databases=None, **kwargs):
    """Without its triggers the database does not say that a page has changed.

    Asked for by ``manage.py check --database default`` and after ``migrate``.
    """
    if "default" not in (databases or ()):
        return []
    if "page_cache_stamp" not in connections["default"].introspection.table_names():
        return []  # before the first migration
    try:
        number = triggers.missing("default")
    except DatabaseError as error:
        return [checks.Error(f"The triggers cannot be read: {error}", id="page_cache.E002")]
    if not number:
        return []
    return [
        checks.Error(
            f"{number} triggers are missing: visitors could be shown old pages.",
            hint="Run `manage.py migrate`, which makes them anew.",
            id="page_cache.E001",
        )
    ]
