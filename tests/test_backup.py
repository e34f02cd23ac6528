"""A backup gives the whole site back, or leaves what is there untouched."""

import hashlib
import io
import os
import stat
import tracemalloc
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.models import FileField
from wagtail.images import get_image_model
from wagtail.models import Page

from operations import migrations_state
from operations.backup import BackupError, archive, databases, rotation
from operations.backup import make as making
from operations.backup import restore as restoring
from operations.backup.keys import Key, new_pair
from operations.backup.make import make
from operations.backup.restore import inspect, restore
from operations.models import TaskRun


@pytest.fixture
def key():
    return Key.read(new_pair()[0])


@contextmanager
def opened(alias: str, name: str):
    connections.databases[alias] = {**connections.databases["default"], "NAME": name}
    made = connections[alias]

    def ensure_connection():
        """As Django does it; for tests it lets nobody do it but for the databases of settings."""
        if made.connection is None:
            with made.wrap_database_errors:
                made.connect()

    made.ensure_connection = ensure_connection
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.databases[alias]


@pytest.fixture
def every_file(db):
    """Rows that another test deleted are back when its transaction ends; their files are not."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if not isinstance(field, FileField):
                continue
            for name in model._base_manager.values_list(field.name, flat=True):
                if name and not field.storage.exists(name):
                    field.storage.save(name, ContentFile(b"another"))


@pytest.fixture
def origin(every_file, tmp_path):
    """The site that is saved. SQLite saves none whose transaction is open, as a test's is."""
    if connection.vendor == "postgresql":
        yield "default"
        return
    path = tmp_path / "origin.sqlite3"
    path.write_bytes(connection.connection.serialize())
    with opened("origin", str(path)) as alias:
        yield alias


@pytest.fixture
def scratch(db, tmp_path):
    """An empty database besides the one of the tests."""
    if connection.vendor == "sqlite":
        name = str(tmp_path / "scratch.sqlite3")
    else:
        name = f"backup_{os.getpid()}"
        with server() as asked:
            asked.execute(f"CREATE DATABASE {name}")
    try:
        with opened("scratch", name) as alias:
            yield alias
    finally:
        if connection.vendor == "postgresql":
            with server() as asked:
                asked.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server():
    import psycopg

    options = connection.get_connection_params()
    kept = {name: options[name] for name in ("host", "port", "user", "password") if name in options}
    with psycopg.connect(**kept, dbname="postgres", autocommit=True) as asked:
        yield asked


@pytest.fixture
def move_to(settings):
    """Lets the site keep its files somewhere else."""

    def move(place: Path) -> Path:
        for name in ("media", "private"):
            (place / name).mkdir(parents=True, exist_ok=True)
        settings.MEDIA_ROOT = str(place / "media")
        private = {**settings.STORAGES["private"]}
        private["OPTIONS"] = {"location": str(place / "private"), "base_url": None}
        settings.STORAGES = {**settings.STORAGES, "private": private}
        return place

    return move


@pytest.fixture
def secret_file():
    """One among the private files; its name has what paths stumble over."""
    path = Path(storages["private"].location, "pasta", "ação nº 1.pdf")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%PDF-1.7 segredo")
    yield path
    path.unlink()


def contents(*roots) -> dict[str, str]:
    return {
        f"{number}/{path.relative_to(root).as_posix()}": hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for number, root in enumerate(roots)
        for path in Path(root).rglob("*")
        if path.is_file()
    }


def files_of_the_site() -> dict[str, str]:
    return contents(storages["default"].location, storages["private"].location)


def rows(alias: str) -> dict[str, list]:
    found = {}
    with connections[alias].cursor() as cursor:
        for table in connections[alias].introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


# There and back ---------------------------------------------------------------------------------


def test_the_last_backup_restored_elsewhere_has_every_row_and_every_file(
    origin, scratch, tmp_path, move_to, secret_file, settings, key
):
    """The rehearsal: with the commands, encrypted, into an empty database and empty folders."""
    before, files = rows(origin), files_of_the_site()
    assert len(files) > 10
    settings.BACKUP_ROOT = str(tmp_path / "backups")
    settings.BACKUP_KEY = str(key.identity)
    call_command("backup", database=origin, verbosity=0)
    (made,) = rotation.archives(settings.BACKUP_ROOT)

    there = move_to(tmp_path / "elsewhere")
    manifest = restore(made.path, key, alias=scratch)

    assert rows(scratch) == before
    assert len(before["wagtailcore_page"]) > 20
    assert files_of_the_site() == files
    assert manifest["database"]["rows"]["wagtailcore_page"] == len(before["wagtailcore_page"])
    assert manifest["lost"] == []
    # The next row gets a number of its own, and nothing is left of the work.
    TaskRun.objects.using(scratch).create(task="x", started_at=datetime.now(UTC))
    assert list(there.rglob(".restore-*")) == []
    assert [path.name for path in Path(settings.BACKUP_ROOT).iterdir()] == [made.path.name]


def test_a_site_with_content_is_replaced_only_when_told(origin, scratch, tmp_path, move_to):
    there = move_to(tmp_path / "elsewhere")
    made = make(tmp_path / "backups", alias=origin).path
    restore(made, alias=scratch)
    TaskRun.objects.using(scratch).create(task="later", started_at=datetime.now(UTC))
    (there / "media" / "later.jpg").write_bytes(b"later")
    before = rows(scratch)

    with pytest.raises(BackupError, match="--replace"):
        restore(made, alias=scratch)
    assert rows(scratch) == before
    assert (there / "media" / "later.jpg").exists()

    restore(made, replace=True, alias=scratch)
    assert not TaskRun.objects.using(scratch).exists()
    assert not (there / "media" / "later.jpg").exists()


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    origin, scratch, tmp_path, move_to, monkeypatch
):
    move_to(tmp_path / "elsewhere")
    restore(make(tmp_path / "backups", alias=origin).path, alias=scratch)
    call_command("migrate", "operations", "zero", database=scratch, verbosity=0)
    tables = [each for each in databases._tables() if each != TaskRun._meta.db_table]
    monkeypatch.setattr(databases, "_tables", lambda: tables)
    old = make(tmp_path / "old", alias=scratch).path
    call_command("migrate", database=scratch, verbosity=0)

    restore(old, replace=True, alias=scratch)
    assert migrations_state.pending(connections[scratch]) == []
    assert TaskRun._meta.db_table in rows(scratch)


# Nothing is lost on the way ---------------------------------------------------------------------


@pytest.fixture
def occupied(origin, scratch, tmp_path, move_to):
    """A restored site with a later row and a later file; gives a function that tells its state."""
    made = make(tmp_path / "backups", alias=origin).path
    there = move_to(tmp_path / "elsewhere")
    restore(made, alias=scratch)
    TaskRun.objects.using(scratch).create(task="later", started_at=datetime.now(UTC))
    (there / "media" / "later.jpg").write_bytes(b"later")

    def state():
        folders = sorted(path.relative_to(there).as_posix() for path in there.rglob("*"))
        return rows(scratch), contents(there), folders

    return SimpleNamespace(made=made, state=state, alias=scratch)


def test_if_a_file_cannot_take_its_place_all_go_back_with_the_old_rows(occupied, monkeypatch):
    before, rename, calls = occupied.state(), os.rename, []

    def fails(source, target):
        calls.append(source)
        if len(calls) == 3:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(restoring.os, "rename", fails)
    with pytest.raises(BackupError, match="tudo voltou ao que era"):
        restore(occupied.made, replace=True, alias=occupied.alias)
    assert occupied.state() == before


def test_if_a_migration_fails_the_old_rows_come_back(occupied, monkeypatch):
    before = occupied.state()

    def fails(*arguments, **options):
        TaskRun.objects.using(occupied.alias).create(task="half", started_at=datetime.now(UTC))
        raise RuntimeError("half-way")

    monkeypatch.setattr(restoring, "call_command", fails)
    with pytest.raises(BackupError, match="half-way"):
        restore(occupied.made, replace=True, alias=occupied.alias)
    assert occupied.state() == before


def rewritten(source: Path, target: Path, change) -> Path:
    """The archive at ``source`` with its database changed, and right digests."""
    kept: dict[str, bytes] = {}
    manifest = archive.read(source, None, lambda name, file: kept.update({name: file.read()}))
    manifest.pop("files")
    with target.open("wb") as file, archive.written(file, None) as writer:
        for name, data in kept.items():
            part = target.with_name("part")
            part.write_bytes(change(data) if name.startswith("database/") else data)
            writer.add(name, part)
        writer.finish(manifest)
    return target


@pytest.mark.parametrize(
    "change",
    [lambda data: b"nothing", lambda data: data[: len(data) * 2 // 3]],
    ids=["none", "cut"],
)
def test_a_dump_that_breaks_half_way_changes_nothing(occupied, tmp_path, change):
    before = occupied.state()
    bad = rewritten(occupied.made, tmp_path / "bad.tar", change)
    with pytest.raises(BackupError, match="ficou como estava"):
        restore(bad, replace=True, alias=occupied.alias)
    assert occupied.state() == before


def test_a_backup_of_a_newer_version_or_another_database_is_refused(occupied, monkeypatch):
    before = occupied.state()
    known = migrations_state.on_disk()
    monkeypatch.setattr(
        migrations_state, "on_disk", lambda: known - {("operations", "0001_task_runs")}
    )
    with pytest.raises(BackupError, match=r"versão mais nova.*operations\.0001_task_runs"):
        restore(occupied.made, replace=True, alias=occupied.alias)
    monkeypatch.undo()
    monkeypatch.setattr(databases.Engine, "vendor", "oracle")
    with pytest.raises(BackupError, match="usa oracle"):
        restore(occupied.made, replace=True, alias=occupied.alias)
    monkeypatch.undo()
    assert occupied.state() == before


# Damage -----------------------------------------------------------------------------------------


@pytest.fixture
def sample(tmp_path, key):
    """A small archive, plain or encrypted."""

    def write(is_encrypted: bool) -> Path:
        path = tmp_path / ("x.age" if is_encrypted else "x.tar")
        part = tmp_path / "part"
        part.write_bytes(os.urandom(200_000))
        with (
            path.open("wb") as file,
            archive.written(file, key if is_encrypted else None) as writer,
        ):
            writer.add("media/a.jpg", part)
            writer.add("database/sqlite.gz", part)
            writer.finish({"format": making.FORMAT})
        return path

    return write


@pytest.mark.parametrize("is_encrypted", [False, True])
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1_000] if data.startswith(b"age") else data[:-11_000],
        lambda data: data[:150_000] + bytes([data[150_000] ^ 1]) + data[150_001:],
        lambda data: b"\0" * len(data),
        lambda data: b"",
        lambda data: data[512:],
    ],
    ids=["half", "end cut", "one bit", "zeros", "empty", "begin cut"],
)
def test_a_damaged_archive_is_told_as_such(sample, key, is_encrypted, damage):
    path = sample(is_encrypted)
    assert inspect(path, key)["format"] == making.FORMAT
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BackupError, match="danificada ou incompleta"):
        inspect(path, key)


def test_an_archive_of_another_key_or_without_one_stays_closed(sample, key):
    path = sample(True)
    assert b"media/a.jpg" not in path.read_bytes()
    with pytest.raises(BackupError, match="não é a desta cópia"):
        inspect(path, Key.read(new_pair()[0]))
    for given in (None, Key.read(str(key.recipient))):
        with pytest.raises(BackupError, match="está cifrada"):
            inspect(path, given)


@pytest.mark.parametrize("name", ["../fora", "/etc/x", "media/../../fora"])
def test_no_archive_writes_outside_of_its_folders(tmp_path, name):
    path, part = tmp_path / "x.tar", tmp_path / "part"
    part.write_bytes(b"x")
    with path.open("wb") as file, archive.written(file, None) as writer:
        writer.add(name, part)
        writer.finish({"format": making.FORMAT})
    with pytest.raises(BackupError, match="danificada"):
        inspect(path, None)


@pytest.mark.parametrize("written", ["x", "age1x", "AGE-SECRET-KEY-1X"])
def test_what_is_no_key_is_refused(written):
    with pytest.raises(BackupError, match="AGE-SECRET-KEY-1"):
        Key.read(written)


def test_the_whole_archive_is_never_in_memory(tmp_path, key):
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(48 * 1024 * 1024)
    path = tmp_path / "x.age"
    tracemalloc.start()
    try:
        with path.open("wb") as file, archive.written(file, key) as writer:
            writer.add("media/big", big)
            writer.finish({"format": making.FORMAT})
        inspect(path, key)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 48 * 1024 * 1024
    assert peak < 12 * 1024 * 1024


def test_a_full_disk_is_told_and_leaves_nothing_behind(origin, tmp_path, monkeypatch, key):
    def full(self, block):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making._Digesting, "write", full)
    for given in (None, key):
        with pytest.raises(BackupError, match="No space left"):
            make(tmp_path / "backups", given, alias=origin)
        assert list((tmp_path / "backups").iterdir()) == []


# Database and files as of one moment ------------------------------------------------------------


@pytest.fixture
def dumps(monkeypatch):
    """Lets something happen at each dump of the database."""
    kind = type(databases.engine())
    real, happened = kind.dump, []

    def let(happen):
        def dump(self, path, is_described=True):
            snapshot = real(self, path, is_described)
            happen(len(happened), snapshot)
            happened.append(snapshot)
            return snapshot

        monkeypatch.setattr(kind, "dump", dump)
        return happened

    return let


def names_in(path: Path) -> set[str]:
    return set(inspect(path, None)["files"])


def test_a_picture_that_comes_while_files_are_written_is_in(origin, tmp_path, move_to, dumps):
    there = move_to(tmp_path / "site")

    def store(number, snapshot):
        (there / "media" / "nova.jpg").write_bytes(b"nova")

    dumps(store)
    assert "media/nova.jpg" in names_in(make(tmp_path / "backups", alias=origin).path)


def test_a_picture_that_came_and_went_makes_the_database_be_taken_anew(origin, tmp_path, dumps):
    def vanish(number, snapshot):
        if number == 0:
            snapshot.files["default"].add("de-passagem.jpg")

    happened = dumps(vanish)
    made = make(tmp_path / "backups", alias=origin)
    assert (len(happened), made.lost) == (2, [])


def test_a_file_that_was_lost_before_is_told_and_does_not_stop_the_backup(origin, tmp_path, dumps):
    def refer(number, snapshot):
        snapshot.files["private"].add("perdido.pdf")

    dumps(refer)
    made = make(tmp_path / "backups", alias=origin)
    assert made.lost == ["private/perdido.pdf"]
    assert inspect(made.path, None)["lost"] == made.lost


def test_the_files_that_rows_name_are_known_by_their_storages(origin, tmp_path):
    names = databases.engine(origin).dump(tmp_path / "dump").files
    picture = get_image_model().objects.first()
    assert picture.file.name in names["default"]
    assert "private" in names


# The archive and its folder ---------------------------------------------------------------------


def test_an_archive_is_for_its_owner_alone_and_never_overwritten(origin, tmp_path):
    path = tmp_path / "backups" / "x.tar"
    make(path.parent, path=path, alias=origin)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    before = path.read_bytes()
    with pytest.raises(BackupError, match="não será sobrescrito"):
        make(path.parent, path=path, alias=origin)
    assert path.read_bytes() == before


def test_with_the_public_key_alone_archives_are_made_and_compared(origin, tmp_path, key):
    made = make(tmp_path, Key.read(str(key.recipient)), alias=origin)
    assert not made.is_fully_verified
    assert inspect(made.path, key)["lost"] == []


def test_what_the_disk_did_not_keep_is_found_at_once(origin, tmp_path, monkeypatch, key):
    monkeypatch.setattr(making.os, "fsync", lambda descriptor: os.truncate(descriptor, 5000))
    for given in (None, key, Key.read(str(key.recipient))):
        with pytest.raises(BackupError, match=r"danificada|não guardou"):
            make(tmp_path / "backups", given, alias=origin)
        assert list((tmp_path / "backups").iterdir()) == []


def test_the_last_of_each_day_and_week_stay(tmp_path):
    noon = datetime(2026, 11, 25, 15, tzinfo=UTC)  # a Wednesday
    moments = [noon - timedelta(days=day, hours=hour) for day in range(40) for hour in (0, 2)]
    for moment in moments:
        (tmp_path / rotation.name_of(moment, is_encrypted=True)).touch()
    others = [tmp_path / "jundiai-minha.tar", tmp_path / "outra"]
    for path in others:
        path.touch()
    rotation.rotate(tmp_path, daily=3, weekly=3)
    kept = {noon - timedelta(days=day) for day in (0, 1, 2, 3, 10)}
    assert {each.made_at for each in rotation.archives(tmp_path)} == kept
    assert all(path.exists() for path in others)


def test_the_newest_archive_stays_whatever_is_set(tmp_path):
    path = tmp_path / rotation.name_of(datetime.now(UTC), is_encrypted=False)
    path.touch()
    assert rotation.rotate(tmp_path, daily=0, weekly=0) == []
    assert path.exists()


def test_the_password_of_the_database_is_on_no_command_line(monkeypatch):
    seen = []

    def run(command, **options):
        seen.append((command, options["env"]))
        return SimpleNamespace(returncode=0, stderr=b"")

    monkeypatch.setattr(databases.subprocess, "run", run)
    engine = databases.PostgreSQL()
    engine.connection = SimpleNamespace(
        settings_dict={
            "NAME": "site",
            "USER": "jundiai",
            "PASSWORD": "segredo",
            "HOST": "db",
            "PORT": 5433,
            "OPTIONS": {},
        }
    )
    engine._run("pg_dump", "--format=custom")
    ((command, env),) = seen
    assert "segredo" not in " ".join(command)
    told = ("site", "jundiai", "segredo", "db", "5433")
    assert tuple(env[f"PG{name}"] for name in ("DATABASE", "USER", "PASSWORD", "HOST", "PORT")) == (
        told
    )


# The commands -----------------------------------------------------------------------------------


def test_the_commands_tell_in_portuguese_what_they_did(origin, tmp_path, settings):
    settings.BACKUP_ROOT = str(tmp_path)
    out = io.StringIO()
    with pytest.raises(CommandError, match="Não há cópia de segurança"):
        call_command("restore")
    call_command("backup", database=origin, stdout=out)
    assert "Ela foi lida de volta e conferida." in out.getvalue()
    pages = Page.objects.using(origin).count()
    call_command("restore", verify=True, stdout=out)
    assert "A cópia está inteira" in out.getvalue()
    with pytest.raises(CommandError, match="já tem conteúdo"):
        call_command("restore", database=origin)
    assert Page.objects.using(origin).count() == pages


def test_a_new_key_is_shown_with_its_public_half_and_can_be_read_from_a_file(tmp_path):
    out = io.StringIO()
    call_command("backup", new_key=True, stdout=out)
    path = tmp_path / "key"
    path.write_text(out.getvalue(), encoding="utf-8")
    key = Key.read_file(str(path))
    assert str(key.recipient) in out.getvalue()
    assert key.identity is not None


def test_every_setting_of_backups_is_documented():
    text = (site_settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")
    for name in ("BACKUP_ROOT", "BACKUP_KEY", "BACKUP_KEEP_DAILY", "BACKUP_KEEP_WEEKLY"):
        assert f"#{name}=" in text
