"""The migrations go forwards, backwards and forwards again, on the database of this run.

The release before can live with each that is new: see *Upgrade* in ``docs/deployment.md``.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.migrations import (
    AddField,
    AlterField,
    AlterModelTable,
    AlterOrderWithRespectTo,
    CreateModel,
    DeleteModel,
    Migration,
    RemoveField,
    RenameField,
    RenameModel,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tests.shared_database import copy_sqlite


@pytest.fixture
def migrated_database(db, shared_database, tmp_path):
    """Address of a migrated database of its own, thrown away afterwards."""
    if connection.vendor == "sqlite":
        file = tmp_path / "migrations.sqlite3"
        copy_sqlite(shared_database.migrated, file)
        yield f"sqlite:///{file}"
        return
    name = f"migrations_{os.getpid()}"
    options = connection.get_connection_params()
    with connection._nodb_cursor() as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {shared_database.migrated_template}")
    login = options.get("user", "")
    if options.get("password"):
        login += f":{options['password']}"
    host = options.get("host", "localhost")
    if not host.startswith("/"):
        host = f"{host}:{options.get('port', 5432)}"
    yield f"postgres://{login}@{host if host[0] != '/' else '/' + host}/{name}"
    with connection._nodb_cursor() as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(url, *command):
    result = subprocess.run(
        [sys.executable, "manage.py", *command, "--verbosity", "0"],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "jundiai_global.settings.test",
            "DATABASE_URL": url,
        },
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr


#: In one process, for each that begins reads all migrations anew.
UNDO = """
from django.core.management import call_command

for app in ("page_cache", "operations", "desk", "search", "news", "goals", "pages"):
    call_command("migrate", app, "zero", verbosity=0)
"""


def test_migrations_can_be_undone_and_done_again(migrated_database):
    manage(migrated_database, "shell", "--command", UNDO)
    manage(migrated_database, "migrate")
    manage(migrated_database, "load_initial_content")


# The release before ---------------------------------------------------------------------------

#: The last migrations of the first release. Those that come after them meet an older release.
RELEASED = {
    "contact": "0001_initial",
    "desk": "0006_root_in_portuguese",
    "goals": "0001_initial",
    "news": "0004_pins",
    "operations": "0001_task_runs",
    "page_cache": "0001_initial",
    "pages": "0008_rendition_sizes",
    "search": "0002_search_index",
    "sign_in": "0001_initial",
}


def newer_than(released: dict[str, str], loader: MigrationLoader) -> list[Migration]:
    """The migrations of this project that a release does not have."""
    had = {known for key in released.items() for known in loader.graph.forwards_plan(key)}
    ours = {each.label for each in apps.get_app_configs() if is_ours(each)}
    return [
        migration
        for key, migration in sorted(loader.disk_migrations.items())
        if key[0] in ours and key not in had
    ]


def is_ours(app) -> bool:
    return Path(app.path).parent == settings.BASE_DIR


def faults(migration: Migration, before: ProjectState) -> list[str]:
    """Why the release before could not live with ``migration``, which finds the models ``before``.

    Two things that nothing else can tell a migration may say itself, by the day of the first
    release of which they are true:

    - ``unused_since``: that the models have no longer what it removes;
    - ``filled_since``: that what it makes obligatory is never left empty.
    """
    return [
        f"{migration.app_label}.{migration.name}: {operation.describe()}: {fault}"
        for operation, state in in_the_database(migration, before)
        if (fault := fault_of(operation, migration, before, state))
    ]


def in_the_database(
    migration: Migration, before: ProjectState
) -> Iterator[tuple[Operation, ProjectState]]:
    """What changes the database, each with the models that it finds."""
    state = before.clone()
    for operation in migration.operations:
        inner = state.clone()
        for each in getattr(operation, "database_operations", [operation]):
            yield each, inner
            each.state_forwards(migration.app_label, inner)
        operation.state_forwards(migration.app_label, state)


def fault_of(
    operation: Operation, migration: Migration, before: ProjectState, state: ProjectState
) -> str:
    """Empty where there is none."""
    app = migration.app_label

    def fields(models_then: ProjectState) -> dict[str, models.Field]:
        model = models_then.models.get((app, operation.model_name_lower))
        return model.fields if model else {}

    match operation:
        case RenameField() | RenameModel() | AlterModelTable():
            return "the release before knows the former name only"
        case AlterOrderWithRespectTo(order_with_respect_to=str()):
            return "the release before leaves the column empty"
        case AddField(field=field) if not may_be_left_out(field):
            return "the release before leaves it empty: give it a `db_default`, or let it be null"
        case AlterField(name=name, field=field):
            former = fields(state)[name]
            if column(name, former) != column(name, field):
                return "the release before knows the former column only"
            if former.null and not field.null and not hasattr(migration, "filled_since"):
                return "the release before may leave it empty: say `filled_since`"
        case RemoveField(name=name) if name in fields(before):
            return "the release before asks for it: take it out of the models first"
        case DeleteModel(name_lower=name) if (app, name) in before.models:
            return "the release before asks for it: take it out of the models first"
        case RemoveField() | DeleteModel() if not hasattr(migration, "unused_since"):
            return "the release before may have it in its models: say `unused_since`"
    return ""


def may_be_left_out(field: models.Field) -> bool:
    """Whether who does not know the field can add rows."""
    is_column = not field.many_to_many
    return not is_column or field.null or field.has_db_default() or field.generated


def column(name: str, field: models.Field) -> str:
    return field.db_column or (f"{name}_id" if isinstance(field, models.ForeignKey) else name)


def test_the_release_before_can_live_with_every_new_migration():
    loader = MigrationLoader(None)
    new = newer_than(RELEASED, loader)
    found = [
        faults(migration, loader.project_state((migration.app_label, migration.name), at_end=False))
        for migration in new
    ]
    assert [fault for each in found for fault in each] == []


def test_the_new_migrations_are_those_after_the_first_release():
    loader = MigrationLoader(None)
    assert newer_than(RELEASED | {"news": "0003_publicity"}, loader)[0].name == "0004_pins"
    without = {app: name for app, name in RELEASED.items() if app != "sign_in"}
    assert [each.app_label for each in newer_than(without, loader)] == ["sign_in"]
    every = newer_than({}, loader)
    assert {each.app_label for each in every} == RELEASED.keys()
    # One of the time before the first release, which nobody has to live with.
    assert any(
        faults(each, loader.project_state((each.app_label, each.name), at_end=False))
        for each in every
    )


def migration_of(*operations: Operation, **said) -> Migration:
    migration = type("Migration", (Migration,), {"operations": operations, **said})
    return migration("0002_new", "library")


@pytest.fixture
def before() -> ProjectState:
    """Models of the release before: books and those who wrote them."""
    fields = {
        "Person": [("id", models.AutoField(primary_key=True))],
        "Book": [
            ("id", models.AutoField(primary_key=True)),
            ("title", models.CharField(max_length=80)),
            ("series", models.CharField(max_length=80, null=True)),
            ("author", models.ForeignKey("library.Person", models.CASCADE)),
            ("readers", models.ManyToManyField("library.Person", related_name="+")),
        ],
    }
    state = ProjectState()
    for name, each in fields.items():
        CreateModel(name, each).state_forwards("library", state)
    return state


def obligatory(**more) -> models.Field:
    return models.CharField(max_length=80, **more)


@pytest.mark.parametrize(
    "operation",
    [
        RenameField("book", "title", "name"),
        RenameModel("Book", "Volume"),
        AlterModelTable("book", "books"),
        AlterOrderWithRespectTo("book", "author"),
        AddField("book", "isbn", obligatory()),
        # A default that only the new source knows.
        AddField("book", "isbn", obligatory(default="")),
        AlterField("book", "series", obligatory()),
        AlterField("book", "title", obligatory(db_column="name")),
        AlterField("book", "author", models.IntegerField()),
        RemoveField("book", "title"),
        RemoveField("book", "readers"),
        DeleteModel("Book"),
    ],
    ids=lambda operation: operation.migration_name_fragment,
)
def test_the_release_before_cannot_live_with(before, operation):
    assert len(faults(migration_of(operation), before)) == 1
    in_between = SeparateDatabaseAndState(database_operations=[operation])
    assert len(faults(migration_of(in_between), before)) == 1


@pytest.mark.parametrize(
    "operation",
    [
        CreateModel("Shelf", [("id", models.AutoField(primary_key=True)), ("name", obligatory())]),
        AddField("book", "isbn", obligatory(null=True)),
        AddField("book", "isbn", obligatory(db_default="")),
        AddField("book", "translators", models.ManyToManyField("library.Person")),
        AlterField("book", "title", models.CharField(max_length=200, null=True)),
        AlterOrderWithRespectTo("book", None),
        RunSQL("UPDATE library_book SET series = title"),
        RunPython(RunPython.noop),
        # In the models only.
        SeparateDatabaseAndState(state_operations=[RemoveField("book", "series")]),
    ],
    ids=lambda operation: operation.migration_name_fragment,
)
def test_the_release_before_can_live_with(before, operation):
    assert faults(migration_of(operation), before) == []


def test_a_field_may_be_obligatory_one_release_after_it_is_always_filled(before):
    fill = AlterField("book", "series", obligatory())
    assert faults(migration_of(fill, filled_since="2026-12-01"), before) == []


#: What takes a field or a model out of the models only, and what then takes it out of the database.
REMOVALS = {
    "field": (
        SeparateDatabaseAndState(state_operations=[RemoveField("book", "series")]),
        SeparateDatabaseAndState(
            state_operations=[AddField("book", "series", obligatory(null=True))]
        ),
        RemoveField("book", "series"),
    ),
    "model": (
        SeparateDatabaseAndState(state_operations=[DeleteModel("book")]),
        SeparateDatabaseAndState(
            state_operations=[CreateModel("book", [("id", models.AutoField(primary_key=True))])]
        ),
        DeleteModel("book"),
    ),
}


@pytest.mark.parametrize("what", REMOVALS)
def test_what_is_removed_leaves_the_models_one_release_before_the_database(before, what):
    from_models, *from_database = REMOVALS[what]
    assert faults(migration_of(from_models), before) == []
    # At once, whatever is said.
    assert faults(migration_of(from_models, *from_database, unused_since="2026-12-01"), before)
    from_models.state_forwards("library", before)
    assert len(faults(migration_of(*from_database), before)) == 1
    assert faults(migration_of(*from_database, unused_since="2026-12-01"), before) == []


@pytest.mark.one_database
def test_a_column_goes_as_the_documentation_says(db):
    """With the second of two migrations, and comes back when that is undone."""
    own = connection.copy()
    own.settings_dict = {**own.settings_dict, "NAME": ":memory:"}

    def columns() -> set[str]:
        with own.cursor() as cursor:
            described = own.introspection.get_table_description(cursor, "library_book")
        return {each.name for each in described}

    fields = [("id", models.AutoField(primary_key=True)), ("series", obligatory(null=True))]
    from_models, *from_database = REMOVALS["field"]
    state = ProjectState()
    seen = []
    for each in ([CreateModel("book", fields)], [from_models], from_database):
        migration, former = migration_of(*each), state.clone()
        with own.schema_editor() as editor:
            state = migration.apply(state, editor)
        seen.append(columns())
    with own.schema_editor() as editor:
        migration.unapply(former, editor)
    seen.append(columns())
    own.close()
    assert seen == [{"id", "series"}, {"id", "series"}, {"id"}, {"id", "series"}]
