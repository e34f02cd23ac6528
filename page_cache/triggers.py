"""Triggers by which the database itself notes that something of the public pages has changed.

So ``QuerySet.update()``, bulk operations and SQL that somebody types count like a form of the
admin, and a change is noted if and only if it is kept: in its own transaction.

Every table of the installed apps is watched, but for those in which nothing is that a visitor
could see. A new table is watched unless somebody lists it here; one that is watched for nothing
only costs drawing pages anew.

- **PostgreSQL**: triggers for each statement write a row into a table of their own, once in a
  transaction. A deferred trigger of that row moves the stamp, so the lock on it is held during
  the commit only, and nobody reads a number before what it stands for. (Deferred triggers on the
  tables themselves would forbid ``ALTER TABLE`` after a change in the same migration.)
- **SQLite**, which has one writer at a time: triggers for each row move the stamp at once.

What is written while ``migrate`` has taken some away is caught up with by moving the stamp after.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from django.apps import apps
from django.db import connections, router, transaction
from django.db.models import Model

from .models import Stamp

#: Apps of which visitors see nothing: who enters, what editors do and how the admin finds pages.
UNSEEN_APPS = {
    "auth",
    "desk",
    "page_cache",
    "sessions",
    "sign_in",
    "wagtailadmin",
    "wagtailforms",
    "wagtailsearch",
    "wagtailusers",
}
#: Other tables of which visitors see nothing: drafts, comments, reviews, the history, permissions
#: of editors, and what visitors wrote to the office.
UNSEEN_MODELS = {
    "contact.contactmessage",
    "wagtailcore.comment",
    "wagtailcore.commentreply",
    "wagtailcore.groupapprovaltask",
    "wagtailcore.groupapprovaltask_groups",
    "wagtailcore.groupcollectionpermission",
    "wagtailcore.grouppagepermission",
    "wagtailcore.groupsitepermission",
    "wagtailcore.modellogentry",
    "wagtailcore.pagelogentry",
    "wagtailcore.pagesubscription",
    "wagtailcore.referenceindex",
    "wagtailcore.revision",
    "wagtailcore.task",
    "wagtailcore.taskstate",
    "wagtailcore.uploadedfile",
    "wagtailcore.workflow",
    "wagtailcore.workflowcontenttype",
    "wagtailcore.workflowpage",
    "wagtailcore.workflowstate",
    "wagtailcore.workflowtask",
}
#: Columns of a page that say something to its editors only. Saving a draft writes no others.
UNSEEN_COLUMNS: dict[str, set[str]] = {
    "wagtailcore.page": {
        "draft_title",
        "expire_at",
        "expired",
        "go_live_at",
        "has_unpublished_changes",
        "latest_revision_created_at",
        "latest_revision_id",
        "locked",
        "locked_at",
        "locked_by_id",
        "owner_id",
    }
}
#: Models whose new rows change nothing that is shown: versions of images are made while a page is
#: drawn, always the same ones.
ONLY_CHANGED_OR_DELETED = {"pages.siterendition", "wagtailimages.rendition"}
#: Tables any change of which may take pages from visitors.
WITHDRAWING_MODELS = {
    "pages.electionperiod",
    "wagtailcore.locale",
    "wagtailcore.pageviewrestriction",
    "wagtailcore.site",
}
#: A field that decides whether a page is withheld (``pages.publicity``).
WITHHOLDING_FIELD = "is_publicity"
PREFIX = "page_cache_"


@dataclass(frozen=True)
class Watched:
    """A table, and what its changes mean."""

    table: str
    columns: tuple[str, ...]
    #: Columns of which visitors see nothing.
    unseen: frozenset[str] = frozenset()
    #: Whether new rows count.
    is_grown: bool = True
    #: Whether any change may take pages from visitors.
    withdraws: bool = False
    #: Whether its rows are pages: live or not, at a place in the tree.
    has_pages: bool = False
    #: Whether its rows may be withheld.
    is_withheld: bool = False


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def watched_models(alias: str) -> Iterator[type[Model]]:
    """Models of whose tables visitors may see something."""
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        if (
            options.managed
            and not options.proxy
            and not options.swapped
            and options.app_label not in UNSEEN_APPS
            and options.label_lower not in UNSEEN_MODELS
            and router.allow_migrate_model(alias, model)
        ):
            yield model


def watched_tables(alias: str) -> Iterator[Watched]:
    """Their tables, as far as they are there: some are not while migrations are undone."""
    introspection = connections[alias].introspection
    with connections[alias].cursor() as cursor:
        there = set(introspection.table_names(cursor))
    for model in watched_models(alias):
        label, table = model._meta.label_lower, model._meta.db_table
        if table not in there:
            continue
        fields = {str(field.column) for field in model._meta.local_concrete_fields}
        unseen = UNSEEN_COLUMNS.get(label, set())
        if unseen or WITHHOLDING_FIELD in fields:
            with connections[alias].cursor() as cursor:
                description = introspection.get_table_description(cursor, table)
            fields &= {column.name for column in description}
        yield Watched(
            table,
            tuple(sorted(fields)),
            frozenset(unseen),
            is_grown=label not in ONLY_CHANGED_OR_DELETED,
            withdraws=label in WITHDRAWING_MODELS,
            has_pages=label == "wagtailcore.page",
            is_withheld=WITHHOLDING_FIELD in fields,
        )


# SQL ------------------------------------------------------------------------------------------


class _Sqlite:
    NOW = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"

    def __init__(self, connection):
        pass

    def prepare(self) -> list[str]:
        return []

    def triggers(self, watched: Watched) -> Iterator[str]:
        """What follows the name in each ``CREATE TRIGGER``."""
        table, withdraws = watched.table, watched.withdraws
        if watched.is_grown:
            yield self._trigger(table, "INSERT", withdraws)
        yield self._trigger(table, "DELETE", withdraws)
        seen = [_quoted(name) for name in watched.columns if name not in watched.unseen]
        of_seen = f" OF {', '.join(seen)}" if watched.unseen else ""
        yield self._trigger(table, f"UPDATE{of_seen}", withdraws)
        if watched.has_pages:
            gone = "OLD.live AND (NOT NEW.live OR NEW.url_path <> OLD.url_path)"
            yield self._trigger(table, "UPDATE OF live, url_path", True, gone)
            yield self._trigger(table, "DELETE", True, "OLD.live")
        if watched.is_withheld:
            name = WITHHOLDING_FIELD
            yield self._trigger(table, f"UPDATE OF {name}", True, f"NEW.{name} <> OLD.{name}")

    def _trigger(self, table: str, event: str, withdraws: bool, condition: str = "") -> str:
        version = f"max(version + 1, {self.NOW})"
        also = f", withdrawals = {version}" if withdraws else ""
        when = f" WHEN {condition}" if condition else ""
        return (
            f"AFTER {event} ON {_quoted(table)} FOR EACH ROW{when} BEGIN"
            f" UPDATE page_cache_stamp SET version = {version}{also} WHERE id = {Stamp.ROW}; END"
        )

    def installed(self, cursor) -> dict[str, str]:
        cursor.execute(
            "SELECT name, tbl_name FROM sqlite_master"
            " WHERE type = 'trigger' AND name GLOB 'page_cache_*'"
        )
        return dict(cursor.fetchall())

    def drop(self, name: str, table: str) -> str:
        return f"DROP TRIGGER IF EXISTS {name}"

    def remove_all(self) -> list[str]:
        return []


class _PostgreSQL:
    """Its triggers name no columns: ``ALTER TABLE`` would not change the type of one they name."""

    NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    def __init__(self, connection):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            self.schema = _quoted(cursor.fetchone()[0])

    def prepare(self) -> list[str]:
        schema = self.schema
        return [
            f"CREATE TABLE IF NOT EXISTS {schema}.page_cache_change"
            " (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY)",
            # For statements; with an argument, those that may take pages from visitors.
            f"""CREATE OR REPLACE FUNCTION {schema}.page_cache_note() RETURNS trigger
            LANGUAGE plpgsql AS $$ BEGIN
                IF coalesce(current_setting('page_cache.noted', true), '') = '' THEN
                    PERFORM set_config('page_cache.noted', 'yes', true);
                    INSERT INTO {schema}.page_cache_change DEFAULT VALUES;
                END IF;
                IF TG_NARGS > 0 THEN
                    PERFORM set_config('page_cache.withdrawn', 'yes', true);
                END IF;
                RETURN NULL;
            END $$""",
            # For rows of pages; the arguments are the columns that visitors do not see.
            f"""CREATE OR REPLACE FUNCTION {schema}.page_cache_note_row() RETURNS trigger
            LANGUAGE plpgsql AS $$ DECLARE
                unseen text[] := coalesce(TG_ARGV::text[], ARRAY[]::text[]);
                former jsonb := to_jsonb(OLD) - unseen;
                latter jsonb;
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    latter := to_jsonb(NEW) - unseen;
                    IF former = latter THEN
                        RETURN NULL;
                    END IF;
                END IF;
                IF coalesce(current_setting('page_cache.noted', true), '') = '' THEN
                    PERFORM set_config('page_cache.noted', 'yes', true);
                    INSERT INTO {schema}.page_cache_change DEFAULT VALUES;
                END IF;
                IF former->>'live' = 'true' AND (
                    TG_OP = 'DELETE' OR latter->>'live' IS DISTINCT FROM 'true'
                    OR latter->>'url_path' IS DISTINCT FROM former->>'url_path'
                ) OR TG_OP = 'UPDATE' AND
                    latter->'{WITHHOLDING_FIELD}' IS DISTINCT FROM former->'{WITHHOLDING_FIELD}'
                THEN
                    PERFORM set_config('page_cache.withdrawn', 'yes', true);
                END IF;
                RETURN NULL;
            END $$""",
            f"""CREATE OR REPLACE FUNCTION {schema}.page_cache_move() RETURNS trigger
            LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO {schema}.page_cache_stamp AS stamp (id, version, withdrawals)
                VALUES ({Stamp.ROW}, {self.NOW}, {self.NOW})
                ON CONFLICT (id) DO UPDATE SET
                    version = greatest(stamp.version + 1, excluded.version),
                    withdrawals = CASE current_setting('page_cache.withdrawn', true)
                        WHEN 'yes' THEN greatest(stamp.version + 1, excluded.version)
                        ELSE stamp.withdrawals END;
                DELETE FROM {schema}.page_cache_change WHERE id = NEW.id;
                PERFORM set_config('page_cache.noted', '', true);
                PERFORM set_config('page_cache.withdrawn', '', true);
                RETURN NULL;
            END $$""",
            f"DROP TRIGGER IF EXISTS page_cache_move ON {schema}.page_cache_change",
            f"CREATE CONSTRAINT TRIGGER page_cache_move AFTER INSERT ON {schema}.page_cache_change"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            f" EXECUTE FUNCTION {schema}.page_cache_move()",
        ]

    def triggers(self, watched: Watched) -> Iterator[str]:
        """What follows the name in each ``CREATE TRIGGER``."""
        table = f"{self.schema}.{_quoted(watched.table)}"
        note = f"EXECUTE FUNCTION {self.schema}.page_cache_note"
        argument = "'withdraws'" if watched.withdraws else ""
        if watched.has_pages or watched.is_withheld:
            unseen = ", ".join(f"'{name}'" for name in sorted(watched.unseen))
            yield f"AFTER UPDATE OR DELETE ON {table} FOR EACH ROW {note}_row({unseen})"
            yield f"AFTER INSERT OR TRUNCATE ON {table} FOR EACH STATEMENT {note}({argument})"
            return
        events = "INSERT OR UPDATE OR DELETE" if watched.is_grown else "UPDATE OR DELETE"
        yield f"AFTER {events} OR TRUNCATE ON {table} FOR EACH STATEMENT {note}({argument})"

    def installed(self, cursor) -> dict[str, str]:
        cursor.execute(
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal"
            " AND tgenabled <> 'D' AND starts_with(tgname::text, 'page_cache_')"
            " AND relname <> 'page_cache_change'"
        )
        return dict(cursor.fetchall())

    def drop(self, name: str, table: str) -> str:
        return f"DROP TRIGGER IF EXISTS {name} ON {self.schema}.{_quoted(table)}"

    def remove_all(self) -> list[str]:
        return [
            f"DROP TABLE IF EXISTS {self.schema}.page_cache_change",
            f"DROP FUNCTION IF EXISTS {self.schema}.page_cache_note()",
            f"DROP FUNCTION IF EXISTS {self.schema}.page_cache_note_row()",
            f"DROP FUNCTION IF EXISTS {self.schema}.page_cache_move()",
        ]


def _dialect(connection) -> _Sqlite | _PostgreSQL:
    if connection.vendor == "postgresql":
        return _PostgreSQL(connection)
    return _Sqlite(connection)


def _wanted(alias: str, dialect) -> dict[str, str]:
    """The statement that creates each trigger, by a name that says what the statement is."""
    everywhere = "".join(dialect.prepare())
    wanted = {}
    for watched in watched_tables(alias):
        for text in dialect.triggers(watched):
            name = blake2b((text + everywhere).encode(), digest_size=8).hexdigest()
            wanted[PREFIX + name] = f"CREATE TRIGGER {PREFIX}{name} {text}"
    return wanted


# What others call -----------------------------------------------------------------------------


def missing(alias: str) -> int:
    """How many triggers are not there; the pages kept would be stale without them."""
    connection = connections[alias]
    dialect = _dialect(connection)
    with connection.cursor() as cursor:
        return len(_wanted(alias, dialect).keys() - dialect.installed(cursor).keys())


def install(alias: str) -> None:
    """Make the triggers what they should be; does nothing where they are."""
    connection = connections[alias]
    dialect = _dialect(connection)
    wanted = _wanted(alias, dialect)
    with transaction.atomic(alias), connection.cursor() as cursor:
        now = dialect.NOW
        cursor.execute(
            "INSERT INTO page_cache_stamp (id, version, withdrawals)"
            f" VALUES ({Stamp.ROW}, {now}, {now}) ON CONFLICT (id) DO NOTHING"
        )
        installed = dialect.installed(cursor)
        if installed.keys() == wanted.keys():
            return
        for statement in dialect.prepare():
            cursor.execute(statement)
        for name in installed.keys() - wanted.keys():
            cursor.execute(dialect.drop(name, installed[name]))
        for name in wanted.keys() - installed.keys():
            cursor.execute(wanted[name])
        # What was changed while nobody watched.
        cursor.execute(f"UPDATE page_cache_stamp SET version = {now}, withdrawals = {now}")


def remove(alias: str) -> None:
    """Take all triggers away, as before the app was there."""
    connection = connections[alias]
    dialect = _dialect(connection)
    with connection.cursor() as cursor:
        for name, table in dialect.installed(cursor).items():
            cursor.execute(dialect.drop(name, table))
        for statement in dialect.remove_all():
            cursor.execute(statement)


def make_way(sender, using: str, plan, **kwargs) -> None:
    """Before migrations: SQLite drops no column that a trigger names. They are made anew after."""
    connection = connections[using]
    if not plan or connection.vendor != "sqlite":
        return
    dialect = _dialect(connection)
    named = {
        watched.table
        for watched in watched_tables(using)
        if watched.has_pages or watched.is_withheld
    }
    with connection.cursor() as cursor:
        for name, table in dialect.installed(cursor).items():
            if table in named:
                cursor.execute(dialect.drop(name, table))


def install_after_migrate(sender, using: str, **kwargs) -> None:
    """Tables may be new, or made anew by SQLite, which loses their triggers."""
    connection = connections[using]
    if not router.allow_migrate_model(using, Stamp):
        return
    if Stamp._meta.db_table in connection.introspection.table_names():
        install(using)
