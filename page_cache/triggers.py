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
UNSEEN_COLUMNS = {
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
class Watch:
    """What is watched of a table."""

    table: str
    #: ``INSERT``, ``UPDATE``, ``UPDATE OF …`` or ``DELETE``.
    event: str
    #: Whether pages may be taken from visitors by it.
    withdraws: bool = False
    #: Condition on ``OLD`` and ``NEW``; empty for any change.
    condition: str = ""


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


def watches(alias: str) -> list[Watch]:
    """All that is to be watched."""
    found = []
    for model in watched_models(alias):
        label, table = model._meta.label_lower, model._meta.db_table
        withdraws = label in WITHDRAWING_MODELS
        update = "UPDATE"
        if unseen := UNSEEN_COLUMNS.get(label):
            columns = [field.column for field in model._meta.local_concrete_fields]
            update += " OF " + ", ".join(_quoted(name) for name in columns if name not in unseen)
        events = [update, "DELETE"] if label in ONLY_CHANGED_OR_DELETED else None
        for event in events or ["INSERT", update, "DELETE"]:
            found.append(Watch(table, event, withdraws))
        if label == "wagtailcore.page":
            gone = "OLD.live AND (NOT NEW.live OR NEW.url_path <> OLD.url_path)"
            found.append(Watch(table, "UPDATE OF live, url_path", True, gone))
            found.append(Watch(table, "DELETE", True, "OLD.live"))
        own = {field.name for field in model._meta.local_concrete_fields}
        if WITHHOLDING_FIELD in own:
            changed = f"NEW.{WITHHOLDING_FIELD} <> OLD.{WITHHOLDING_FIELD}"
            found.append(Watch(table, f"UPDATE OF {WITHHOLDING_FIELD}", True, changed))
    return found


# SQL ------------------------------------------------------------------------------------------


class _Sqlite:
    NOW = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"

    def __init__(self, connection):
        self.connection = connection

    def prepare(self) -> list[str]:
        return []

    def create(self, name: str, watch: Watch) -> str:
        version = f"max(version + 1, {self.NOW})"
        also = f", withdrawals = {version}" if watch.withdraws else ""
        when = f" WHEN {watch.condition}" if watch.condition else ""
        return (
            f"CREATE TRIGGER {name} AFTER {watch.event} ON {_quoted(watch.table)}"
            f" FOR EACH ROW{when} BEGIN"
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

    def create(self, name: str, watch: Watch) -> str:
        # Conditions are about rows, and TRUNCATE has none.
        each = f"FOR EACH ROW WHEN ({watch.condition})" if watch.condition else "FOR EACH STATEMENT"
        event = watch.event
        if event == "DELETE" and not watch.condition:
            event = "DELETE OR TRUNCATE"
        argument = "'withdraws'" if watch.withdraws else ""
        return (
            f"CREATE TRIGGER {name} AFTER {event} ON {self.schema}.{_quoted(watch.table)} {each}"
            f" EXECUTE FUNCTION {self.schema}.page_cache_note({argument})"
        )

    def installed(self, cursor) -> dict[str, str]:
        cursor.execute(
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal"
            " AND tgenabled <> 'D' AND tgname ^@ 'page_cache_' AND relname <> 'page_cache_change'"
        )
        return dict(cursor.fetchall())

    def drop(self, name: str, table: str) -> str:
        return f"DROP TRIGGER IF EXISTS {name} ON {self.schema}.{_quoted(table)}"

    def remove_all(self) -> list[str]:
        return [
            f"DROP TABLE IF EXISTS {self.schema}.page_cache_change",
            f"DROP FUNCTION IF EXISTS {self.schema}.page_cache_note()",
            f"DROP FUNCTION IF EXISTS {self.schema}.page_cache_move()",
        ]


def _dialect(connection) -> _Sqlite | _PostgreSQL:
    return {"sqlite": _Sqlite, "postgresql": _PostgreSQL}[connection.vendor](connection)


def _wanted(alias: str, dialect) -> dict[str, str]:
    """The statement that creates each trigger, by a name that says what the statement is."""
    everywhere = "".join(dialect.prepare())
    wanted = {}
    for watch in watches(alias):
        text = dialect.create("", watch) + everywhere
        name = PREFIX + blake2b(text.encode(), digest_size=8).hexdigest()
        wanted[name] = dialect.create(name, watch)
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


def install_after_migrate(sender, using: str, **kwargs) -> None:
    """Tables may be new, or made anew by SQLite, which loses their triggers."""
    connection = connections[using]
    if not router.allow_migrate_model(using, Stamp):
        return
    if Stamp._meta.db_table in connection.introspection.table_names():
        install(using)
