"""The database in a file, and back: of PostgreSQL by its own programs, of SQLite by its library."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import time
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.core.files.storage import storages
from django.db import connections, models
from django.db.backends.postgresql.client import DatabaseClient
from django.utils.translation import gettext

from . import BackupError

#: Seconds for which a restore waits until nobody uses a table.
LOCK_TIMEOUT = 15


@dataclass
class Snapshot:
    """What a dump has in it, asked of the very state that was dumped."""

    #: Names of the files that rows refer to, by the storage (``settings.STORAGES``).
    files: dict[str, set[str]] = field(default_factory=dict)
    #: Rows of each table.
    rows: dict[str, int] = field(default_factory=dict)


def _file_columns() -> Iterator[tuple[str, str, str]]:
    """Storage, table and column of every field that holds a file's name."""
    aliases = {id(storages[alias]): alias for alias in storages.backends}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        for each in model._meta.local_concrete_fields:
            if isinstance(each, models.FileField):
                chosen = getattr(each, "_storage_callable", None)
                alias = aliases.get(id(chosen()), "default") if chosen else "default"
                yield alias, model._meta.db_table, each.column


def _tables() -> list[str]:
    found = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy and model._meta.managed
    }
    return sorted(found)


def _snapshot(ask: Callable[[str], list[tuple]]) -> Snapshot:
    """``ask`` answers SQL with rows. Names come from models, and are quoted as SQL has it."""
    found = Snapshot()
    for alias, table, column in _file_columns():
        sql = f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" <> \'\''  # noqa: S608
        found.files.setdefault(alias, set()).update(name for (name,) in ask(sql))
    for table in _tables():
        found.rows[table] = ask(f'SELECT count(*) FROM "{table}"')[0][0]  # noqa: S608
    return found


class Engine(ABC):
    """How one kind of database goes into a file and comes back."""

    #: What the file is called in the archive.
    member: str

    def __init__(self, alias: str = "default"):
        self.connection = connections[alias]

    @property
    def vendor(self) -> str:
        return self.connection.vendor

    @abstractmethod
    def dump(self, path: Path, is_described: bool = True) -> Snapshot:
        """Write the database as it is at one moment into a new file at ``path``.

        One that is not of this version, or empty, cannot be described.
        """

    @abstractmethod
    def load(self, path: Path) -> None:
        """Put what is in the file at ``path`` in the place of all that is there, or nothing."""


def _copy_sqlite(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """All of ``source`` into ``target``, in one transaction.

    Raises ``sqlite3.OperationalError`` when another keeps one of them locked for too long: the
    library's own call would try for ever.
    """
    deadline = time.monotonic() + LOCK_TIMEOUT

    def progress(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise sqlite3.OperationalError("database is locked")

    source.backup(target, pages=-1, progress=progress)


class SQLite(Engine):
    """By the library's online backup (https://sqlite.org/backup.html), with gzip around it."""

    member = "database/sqlite.gz"

    @property
    def _raw(self) -> sqlite3.Connection:
        self.connection.ensure_connection()
        return self.connection.connection

    def dump(self, path: Path, is_described: bool = True) -> Snapshot:
        plain = path.with_suffix(".plain")
        with _vanishing(plain), closing(sqlite3.connect(plain)) as copy:
            # In one step: a writer waits for it, and what is copied is of one moment.
            _copy_sqlite(self._raw, copy)
            found = Snapshot()
            if is_described:
                found = _snapshot(lambda sql: copy.execute(sql).fetchall())
            copy.execute("PRAGMA journal_mode=DELETE")
            with plain.open("rb") as source, gzip.open(path, "wb", compresslevel=6) as target:
                shutil.copyfileobj(source, target)
        return found

    def load(self, path: Path) -> None:
        plain = path.with_suffix(".plain")
        with _vanishing(plain):
            try:
                with gzip.open(path) as source, plain.open("wb") as target:
                    shutil.copyfileobj(source, target)
            except (OSError, EOFError, zlib.error) as error:
                raise _not_loaded(error) from error
            with closing(sqlite3.connect(plain)) as copy:
                try:
                    (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
                    if verdict != "ok":
                        raise BackupError(
                            gettext("O banco de dados que está na cópia tem defeito: %(error)s")
                            % {"error": verdict}
                        )
                    # One transaction for whoever has the database open: all of it or none.
                    _copy_sqlite(copy, self._raw)
                except sqlite3.Error as error:
                    raise _not_loaded(error) from error


#: What says where the server is and who asks; the rest is how Django wants its rows.
_PARAMETERS = {"dbname", "host", "port", "user", "password", "service", "passfile"}


class PostgreSQL(Engine):
    """By ``pg_dump`` and ``pg_restore``, which must be as new as the server."""

    member = "database/postgresql.dump"

    def _program(self, name: str) -> str:
        found = shutil.which(name)
        if not found:
            raise BackupError(
                gettext("Falta o programa %(name)s. Instale: apt install postgresql-client")
                % {"name": name}
            )
        return found

    def _environment(self) -> dict[str, str]:
        """How PostgreSQL's programs find the database: no password on any command line."""
        arguments, env = DatabaseClient.settings_to_cmd_args_env(
            {**self.connection.settings_dict, "NAME": self._name}, []
        )
        del arguments
        told = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER"}
        given = {
            variable: str(self.connection.settings_dict[name])
            for name, variable in told.items()
            if self.connection.settings_dict.get(name)
        }
        return {**os.environ, **(env or {}), **given, "PGDATABASE": self._name}

    @property
    def _name(self) -> str:
        return self.connection.settings_dict["NAME"] or "postgres"

    def _run(self, *command: str | Path, **options) -> subprocess.CompletedProcess:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [str(part) for part in command],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            **options,
        )
        if done.returncode:
            raise _not_loaded(done.stderr.decode(errors="replace").strip())
        return done

    def dump(self, path: Path, is_described: bool = True) -> Snapshot:
        # A connection of its own, whose snapshot pg_dump shares.
        import psycopg

        kept = {
            name: value
            for name, value in self.connection.get_connection_params().items()
            if name in _PARAMETERS or name.startswith("ssl")
        }
        with psycopg.connect(**kept) as asking:
            asking.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            (name,) = asking.execute("SELECT pg_export_snapshot()").fetchone()
            found = Snapshot()
            if is_described:
                found = _snapshot(lambda sql: asking.execute(sql).fetchall())
            self._run(
                self._program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges",
                f"--snapshot={name}", f"--file={path}",
            )  # fmt: skip
        return found

    def load(self, path: Path) -> None:
        """In one transaction: all that is in the schema goes, and what was dumped comes."""
        script = path.with_suffix(".sql")
        empty = path.with_suffix(".empty.sql")
        with _vanishing(script), _vanishing(empty):
            self._run(
                self._program("pg_restore"), "--no-owner", "--no-privileges", "--no-comments",
                f"--file={script}", path,
            )  # fmt: skip
            empty.write_text(_EMPTY.format(timeout=LOCK_TIMEOUT), encoding="utf-8")
            # Its own connection would wait for ours.
            self.connection.close()
            self._run(
                self._program("psql"), "--no-psqlrc", "--quiet", "--single-transaction",
                "--set=ON_ERROR_STOP=1", f"--file={empty}", f"--file={script}",
                stdout=subprocess.DEVNULL,
            )  # fmt: skip


#: Drops all that is in the schema of the site and belongs to no extension, whatever the version
#: that made it. Not the schema: it may belong to the server's administrator.
_EMPTY = """
SET lock_timeout = '{timeout}s';
SET client_min_messages = warning;
DO $$
DECLARE
    commands text[];
    command text;
BEGIN
    -- All are named before the first one goes, and takes others with it.
    SELECT array_agg(line) INTO commands FROM (
        WITH own AS (
            SELECT objid FROM pg_depend WHERE deptype IN ('e', 'i')
        ), schema AS (
            SELECT oid FROM pg_namespace WHERE nspname = 'public'
        )
        SELECT format(
            'DROP %s IF EXISTS %s CASCADE',
            CASE relkind
                WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE'
            END,
            oid::regclass
        ) AS line
        FROM pg_class
        WHERE relnamespace IN (SELECT oid FROM schema) AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
            AND oid NOT IN (SELECT objid FROM own)
        UNION ALL
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
        FROM pg_proc
        WHERE pronamespace IN (SELECT oid FROM schema) AND oid NOT IN (SELECT objid FROM own)
        UNION ALL
        SELECT format('DROP TEXT SEARCH CONFIGURATION IF EXISTS %s CASCADE', oid::regconfig)
        FROM pg_ts_config
        WHERE cfgnamespace IN (SELECT oid FROM schema) AND oid NOT IN (SELECT objid FROM own)
        UNION ALL
        SELECT format('DROP TEXT SEARCH DICTIONARY IF EXISTS %s CASCADE', oid::regdictionary)
        FROM pg_ts_dict
        WHERE dictnamespace IN (SELECT oid FROM schema) AND oid NOT IN (SELECT objid FROM own)
        UNION ALL
        SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype)
        FROM pg_type
        WHERE typnamespace IN (SELECT oid FROM schema) AND typtype IN ('e', 'd', 'r')
            AND oid NOT IN (SELECT objid FROM own)
    ) AS lines;
    FOREACH command IN ARRAY coalesce(commands, '{{}}') LOOP
        EXECUTE command;
    END LOOP;
END
$$;
"""


@contextmanager
def _vanishing(path: Path) -> Iterator[None]:
    """A file that only its owner can read, and that is gone afterwards."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield
    finally:
        for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}-journal")):
            with suppress(FileNotFoundError):
                each.unlink()


def _not_loaded(error) -> BackupError:
    return BackupError(
        gettext("O banco de dados não aceitou a operação, e ficou como estava: %(error)s")
        % {"error": error}
    )


def engine(alias: str = "default") -> Engine:
    kinds: dict[str, type[Engine]] = {"postgresql": PostgreSQL, "sqlite": SQLite}
    return kinds[connections[alias].vendor](alias)
