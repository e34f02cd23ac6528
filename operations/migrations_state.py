"""Which migrations a database has had, and which it lacks."""

from functools import cache

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Key = tuple[str, str]
#: The last answer and what it was made of: reading all migrations anew takes long.
_known: dict[str, tuple[frozenset[Key], list[Key]]] = {}


def applied(connection) -> frozenset[Key]:
    return frozenset(MigrationRecorder(connection).applied_migrations())


def pending(connection) -> list[Key]:
    """Those that ``connection`` lacks, in their order."""
    there = applied(connection)
    known = _known.get(connection.alias)
    if known is None or known[0] != there:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        known = (there, [(migration.app_label, migration.name) for migration, _back in plan])
        _known[connection.alias] = known
    return known[1]


@cache
def on_disk() -> frozenset[Key]:
    """All that this version of the site knows, those that others replaced among them."""
    loader = MigrationLoader(None)
    replaced = {key for each in loader.disk_migrations.values() for key in each.replaces}
    return frozenset(loader.disk_migrations) | frozenset(replaced)
