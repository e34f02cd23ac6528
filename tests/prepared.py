"""What the processes of one run share: the database and the pictures that every test finds.

The first process that needs them makes them, and the others copy them, which takes a tenth of the
time. Where there is one process alone, nothing is kept.
"""

import fcntl
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection


class Prepared:
    """A copy of the database and of the pictures, below a ``folder`` that all processes know."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._lock = (folder / "lock").open("w")
        #: SQLite's database; with PostgreSQL, the name of the one on the server.
        self._database = folder / "database"
        self._kept_open: sqlite3.Connection | None = None

    def lock(self) -> None:
        """Wait until nobody is making it. The system takes the lock from a process that ends."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def unlock(self) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    @property
    def is_there(self) -> bool:
        return self._database.exists()

    def keep(self) -> None:
        """Copy the database of the tests as it is, and its pictures."""
        shutil.copytree(settings.MEDIA_ROOT, self.folder / "media", dirs_exist_ok=True)
        unfinished = self.folder / "unfinished"
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(unfinished)) as copy:
                connection.connection.backup(copy)
        else:
            connection.creation.clone_test_db("prepared", verbosity=0)
            name = connection.creation.get_test_db_clone_settings("prepared")["NAME"]
            unfinished.write_text(name)
        unfinished.rename(self._database)

    def take(self) -> None:
        """Let the database of the tests begin with it, before that is set up."""
        shutil.copytree(self.folder / "media", settings.MEDIA_ROOT, dirs_exist_ok=True)
        if connection.vendor == "sqlite":
            # A database in memory is there as long as somebody has it open.
            name = connection.creation._get_test_db_name()
            self._kept_open = sqlite3.connect(name, uri=True)
            with closing(sqlite3.connect(self._database)) as copy:
                copy.backup(self._kept_open)
        else:
            connection.settings_dict["TEST"]["TEMPLATE"] = self._database.read_text()

    def forget(self) -> None:
        """Nothing of it stays on a server."""
        self.lock()
        if connection.vendor != "sqlite":
            connection.creation._destroy_test_db(self._database.read_text(), verbosity=0)
        self._database.unlink()
        self.unlock()
