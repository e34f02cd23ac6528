"""Putting a backup in the place of what is there, or nothing.

The whole archive is read and verified into folders beside what is there, which is untouched until
then. The database takes the dump in one transaction. Migrations that the archive's version lacked
are run; then the files change places by renaming. If something fails on the way, the old database,
of which a dump was taken, and the old files come back.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from django.utils.translation import gettext
from wagtail.models import Page

from .. import migrations_state
from . import BackupError, archive, databases, folders, make
from .keys import Key

#: Pages that `migrate` makes by itself.
PAGES_OF_AN_EMPTY_SITE = 2
#: Free space that is left when all is unpacked.
RESERVE = 64 * 1024 * 1024


@dataclass
class Unpacked:
    manifest: dict
    dump: Path
    #: For each folder, where its new files are.
    staged: dict[folders.Folder | folders.Bucket, Path] = field(default_factory=dict)


def inspect(path: Path, key: Key | None) -> dict:
    """Verify an archive and return its manifest. Raises ``BackupError``."""
    manifest = archive.read(path, key, archive.skip)
    _check_format(manifest)
    return manifest


def restore(
    path: Path, key: Key | None = None, replace: bool = False, alias: str = "default"
) -> dict:
    """Make the site what it was when the archive at ``path`` was made; returns its manifest.

    Raises ``BackupError`` where the site is not empty and ``replace`` does not say that it may go,
    and for an archive that is damaged, of a newer version or of another kind of database. Then
    everything is as it was.
    """
    engine = databases.engine(alias)
    if not replace and not _is_empty(alias):
        raise BackupError(
            gettext(
                "Este site já tem conteúdo, que a restauração apagaria. Se é o que você quer, "
                "faça antes uma cópia do que há e rode de novo com --replace."
            )
        )
    with _unpacked(path, key, engine) as found:
        _check_fits(found.manifest, engine)
        old = found.dump.with_name("old")
        engine.dump(old, is_described=False)
        engine.load(found.dump)
        try:
            call_command("migrate", database=alias, verbosity=0, interactive=False)
            _swap(found.staged)
        except BaseException as error:
            engine.load(old)
            raise BackupError(
                gettext("A restauração falhou, e tudo voltou ao que era: %(error)s")
                % {"error": error or type(error).__name__}
            ) from error
    for each in caches.all():
        each.clear()
    return found.manifest


def _is_empty(alias: str) -> bool:
    if any(next(folder.files(), None) for folder in folders.all_folders()):
        return False
    tables = connections[alias].introspection.table_names()
    if Page._meta.db_table not in tables:
        return True
    return (
        not get_user_model()._default_manager.using(alias).exists()
        and Page.objects.using(alias).count() <= PAGES_OF_AN_EMPTY_SITE
    )


def _check_format(manifest: dict) -> None:
    if manifest.get("format") != make.FORMAT:
        raise BackupError(
            gettext("A cópia foi feita por uma versão mais nova do site. Atualize o site antes.")
        )


def _check_fits(manifest: dict, engine: databases.Engine) -> None:
    _check_format(manifest)
    vendor = manifest["database"]["vendor"]
    if vendor != engine.vendor:
        raise BackupError(
            gettext("A cópia é de um banco %(archive)s, e este site usa %(here)s.")
            % {"archive": vendor, "here": engine.vendor}
        )
    unknown = {tuple(key) for key in manifest["migrations"]} - migrations_state.on_disk()
    if unknown:
        shown = ", ".join(f"{app}.{name}" for app, name in sorted(unknown)[:5])
        raise BackupError(
            gettext(
                "A cópia foi feita por uma versão mais nova do site, que tem o que esta não "
                "conhece (%(names)s). Atualize o site antes."
            )
            % {"names": shown}
        )


@contextmanager
def _unpacked(path: Path, key: Key | None, engine: databases.Engine) -> Iterator[Unpacked]:
    """What is in the archive, verified, in folders that are gone afterwards.

    Those of files are inside of the folder where they belong: on the same disk, where renaming is
    enough, and where the site may surely write. Their names begin with a dot, and nobody else may
    look into them.
    """
    with ExitStack() as stack:

        def temporary(parent: Path | None) -> Path:
            if parent:
                parent.mkdir(parents=True, exist_ok=True)
                _check_room(parent, path)
            made = Path(tempfile.mkdtemp(prefix=".restore-", dir=parent))
            stack.callback(shutil.rmtree, made, ignore_errors=True)
            return made

        try:
            work = temporary(path.parent if os.access(path.parent, os.W_OK) else None)
            staged = {folder: temporary(folder.root or work) for folder in folders.all_folders()}
        except OSError as error:
            raise BackupError(
                gettext("Não se consegue escrever em %(path)s: %(error)s")
                % {"path": error.filename, "error": error.strerror}
            ) from error
        places = {folder.name: staged[folder] / "new" for folder in staged}
        for place in places.values():
            place.mkdir()

        def keep(name: str, file) -> None:
            top, _slash, rest = name.partition("/")
            if name == engine.member:
                target = work / "database"
            elif top in places and rest:
                target = places[top] / rest
                target.parent.mkdir(parents=True, exist_ok=True)
            else:
                archive.skip(name, file)
                return
            with open(target, "wb") as written:
                archive.copy(file, written)
            target.chmod(0o644 if top == "media" else 0o640)

        try:
            manifest = archive.read(path, key, keep)
        except OSError as error:
            raise BackupError(
                gettext("A cópia não pôde ser aberta: %(error)s") % {"error": error}
            ) from error
        yield Unpacked(manifest, work / "database", staged)


def _check_room(folder: Path, path: Path) -> None:
    needed = path.stat().st_size + RESERVE if path.exists() else 0
    if shutil.disk_usage(folder).free < needed:
        raise BackupError(
            gettext("Não há espaço em %(path)s para abrir a cópia: são precisos %(size)d MB.")
            % {"path": folder, "size": needed // (1024 * 1024)}
        )


def _swap(staged: dict[folders.Folder | folders.Bucket, Path]) -> None:
    """Let the new files take the place of the old ones; if one cannot, all go back."""
    with ExitStack() as afterwards, ExitStack() as undo:
        for folder, place in staged.items():
            folder.take(place, undo, afterwards.callback)
        undo.pop_all()
