"""Where the desk enters Wagtail's admin. Each thing registers its hooks in its own module."""

from . import (  # noqa: F401 - they register themselves
    content_checker,
    field_help,
    history,
    history_report,
    manual,
    people,
    publishing,
    readability,
)
from .dashboard import hooks as dashboard_hooks  # noqa: F401 - likewise
from .elections import hooks as election_hooks  # noqa: F401 - likewise
from .links import hooks as link_hooks  # noqa: F401 - likewise
from .review import hooks as review_hooks  # noqa: F401 - likewise
from .trash import hooks as trash_hooks  # noqa: F401 - likewise
