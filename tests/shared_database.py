"""The database that every test finds: made by one process of a run, and copied by the others."""

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database, also while somebody writes to it. ``target`` is there when it is whole."""
    with closing(sqlite3.connect(source)) as database:
        _write(database, target)


def _write(database: sqlite3.Connection, target: Path) -> None:
    part = target.with_suffix(".part")
    with closing(sqlite3.connect(part)) as copy:
        database.backup(copy)
    part.replace(target)


class SharedDatabase:
    """Keeps the tests' database in ``folder`` for all processes of a run.

    In two stages: ``migrated`` has its tables alone, ``filled`` the first content and the samples.
    """

    def __init__(self, folder: Path):
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._is_sqlite = connection.vendor == "sqlite"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Held by one process at a time; the others wait."""
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Held by all processes that may copy it. The last takes away what PostgreSQL has."""
        with (self._folder / "users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            yield
            with self.alone(), suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._forget()

    # For the process's own database ---------------------------------------------------------------

    def begin(self) -> bool:
        """Have Django make this process's database out of what is there; whether it is filled."""
        is_filled = self._is_kept("filled")
        if is_filled:
            self._begin_with("filled")
            for kept, root in self._files():
                shutil.copytree(kept, root, dirs_exist_ok=True)
        elif self._is_kept("migrated"):
            self._begin_with("migrated")
        return is_filled

    def keep_migrated(self) -> None:
        if not self._is_kept("migrated"):
            self._keep("migrated")

    def keep_filled(self) -> None:
        if not self._is_sqlite:
            # As its daemon does, which knows nothing of what was copied.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        for kept, root in self._files():
            shutil.copytree(root, kept, dirs_exist_ok=True)
        self._keep("filled")

    def _begin_with(self, stage: str) -> None:
        if self._is_sqlite:
            # In memory; there until this connection to it is closed.
            self._held = sqlite3.connect(connection.creation._get_test_db_name(), uri=True)
            with closing(sqlite3.connect(self._mark(stage))) as source:
                source.backup(self._held)
        else:
            connection.settings_dict["TEST"]["TEMPLATE"] = self._name(stage)

    def _keep(self, stage: str) -> None:
        if self._is_sqlite:
            _write(connection.connection, self._mark(stage))
        else:
            connection.creation.clone_test_db(stage, verbosity=0)
            name = connection.creation.get_test_db_clone_settings(stage)["NAME"]
            self._mark(stage).write_text(name)

    def _forget(self) -> None:
        if self._is_sqlite:
            return
        for stage in filter(self._is_kept, ("migrated", "filled")):
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE {connection.ops.quote_name(self._name(stage))}")
            self._mark(stage).unlink()

    def _is_kept(self, stage: str) -> bool:
        return self._mark(stage).exists()

    def _mark(self, stage: str) -> Path:
        """SQLite's file, or one with the name of PostgreSQL's database."""
        return self._folder / f"{stage}.{'sqlite3' if self._is_sqlite else 'name'}"

    def _name(self, stage: str) -> str:
        return self._mark(stage).read_text()

    def _files(self) -> list[tuple[Path, str]]:
        """Where they are kept, and where this process has them."""
        private = settings.STORAGES["private"]["OPTIONS"]["location"]
        return [
            (self._folder / "media", settings.MEDIA_ROOT),
            (self._folder / "private", private),
        ]

    # For databases beside it ----------------------------------------------------------------------

    @property
    def migrated(self) -> Path:
        """SQLite's file with the tables alone. On PostgreSQL only the browser's tests make it."""
        return self._folder / "migrated.sqlite3"

    @property
    def filled(self) -> Path:
        """SQLite's file with all content, in a run on SQLite."""
        return self._folder / "filled.sqlite3"

    @property
    def migrated_template(self) -> str:
        """The name of PostgreSQL's database with the tables alone, quoted."""
        return connection.ops.quote_name(self._name("migrated"))
