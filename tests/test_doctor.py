"""The doctor finds what is wrong, says how to mend it, and finds nothing where all is well."""

import io
import json
import os
import socketserver
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core import checks as django_checks
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone
from wagtail.models import Site

from operations import doctor, migrations_state, nginx, readiness
from operations.backup import rotation
from operations.doctor import database, files, mail, people, site, tasks
from operations.doctor.findings import Severity
from operations.models import TaskRun
from operations.tasks import TASKS
from page_cache import leases
from page_cache.leases import Leases
from page_cache.stamp import Reading
from search.models import SearchEntry
from sign_in.models import AuthenticatorApp

WELL, WARNING, FAULT = Severity.WELL, Severity.WARNING, Severity.FAULT


def severity(check) -> Severity:
    found = list(check())
    for each in found:
        assert str(each.message)
        # What is wrong has a way out, and what is well needs none.
        assert bool(each.remedy) is (each.severity is not WELL)
    return max((each.severity for each in found), default=WELL)


def said(check) -> str:
    return "\n".join(f"{each.message} {each.remedy}" for each in check())


# Settings -----------------------------------------------------------------------------------------


def test_debug_in_production_is_a_fault(settings):
    settings.DEBUG = False
    assert severity(site.debug) is WELL
    settings.DEBUG = True
    assert severity(site.debug) is FAULT


def test_what_django_warns_of_is_told_in_portuguese_where_we_can(monkeypatch):
    found = []
    monkeypatch.setattr(site.checks, "run_checks", lambda **options: found)
    assert severity(site.deployment) is WELL
    found.append(django_checks.Warning("You have not set …", id="security.W008"))
    assert severity(site.deployment) is WARNING
    assert "https" in said(site.deployment)
    assert "You have" not in said(site.deployment)
    found.append(django_checks.Error("Broken.", id="pages.E001"))
    assert severity(site.deployment) is FAULT
    assert "(pages.E001): Broken." in said(site.deployment)


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [(["example.org"], WELL), ([".org"], WELL), (["example.com"], FAULT), (["*"], FAULT)],
)
def test_the_site_must_answer_under_its_public_name(settings, hosts, expected):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://example.org", hosts
    assert severity(site.hosts) is expected


@pytest.mark.parametrize(
    ("zone", "is_kept", "expected"),
    [
        ("America/Sao_Paulo", True, WELL),
        ("America/Sao_Paulo", None, WELL),
        ("America/Sao_Paulo", False, WARNING),
        ("UTC", True, WARNING),
    ],
)
def test_the_clock_is_that_of_jundiai_and_is_set_by_the_network(
    settings, monkeypatch, zone, is_kept, expected
):
    monkeypatch.setattr(site, "_clock_is_kept", lambda: is_kept)
    settings.TIME_ZONE = zone
    assert severity(site.clock) is expected


# The database -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_database_in_order_is_well():
    for check in doctor.CHECKS["database"][1]:
        assert severity(check) is WELL, check.__name__


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_a_fault_and_the_rest_goes_on(monkeypatch):
    def refused(sql, *params):
        raise DatabaseError("connection refused")

    monkeypatch.setattr(database, "_value", refused)
    assert severity(database.reachable) is FAULT
    assert "connection refused" in said(database.reachable)
    told = list(doctor.examine())
    assert {each.check for each in told if each.part == "database"} == {"reachable"}
    assert {"settings", "files", "mail", "backup"} <= {each.part for each in told}


@pytest.mark.parametrize(
    ("check", "value", "expected"),
    [
        (database.encoding, "LATIN1", FAULT),
        (database.encoding, "UTF8", WELL),
        (database.extensions, None, FAULT),
        (database.extensions, 1, WELL),
        (database.clock, timedelta(seconds=30), WARNING),
        (database.clock, timedelta(0), WELL),
        (database.connections, 95, WARNING),
        (database.connections, 20, WELL),
    ],
)
def test_what_postgresql_says_is_judged(monkeypatch, check, value, expected):
    def answer(sql, *params):
        if "max_connections" in sql:
            return "100"
        if "reserved" in sql:
            return "3"
        return datetime.now(UTC) - value if "clock" in sql else value

    monkeypatch.setattr(database, "_is_postgresql", lambda: True)
    monkeypatch.setattr(database, "_value", answer)
    assert severity(check) is expected


@pytest.mark.parametrize(("version", "expected"), [(120_005, FAULT), (150_002, WELL)])
def test_a_postgresql_that_is_too_old_is_a_fault(monkeypatch, version, expected):
    monkeypatch.setattr(database, "_is_postgresql", lambda: True)
    monkeypatch.setattr(database, "connection", SimpleNamespace(pg_version=version))
    assert severity(database.version) is expected


@pytest.mark.django_db
def test_migrations_that_lack_or_are_unknown_are_told(monkeypatch):
    monkeypatch.setattr(migrations_state, "pending", lambda connection: [("news", "0009_x")])
    assert severity(database.migrations) is FAULT
    assert "news.0009_x" in said(database.migrations)
    monkeypatch.undo()
    known = migrations_state.on_disk()
    monkeypatch.setattr(migrations_state, "on_disk", lambda: known - {("pages", "0001_initial")})
    assert severity(database.migrations) is WARNING


# Files --------------------------------------------------------------------------------------------


@pytest.fixture
def folders(settings, tmp_path):
    """Folders of their own, in order."""
    for name in ("media", "private", "backups", "static"):
        (tmp_path / name).mkdir(mode=0o750)
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.BACKUP_ROOT = str(tmp_path / "backups")
    private = {**settings.STORAGES["private"]}
    private["OPTIONS"] = {"location": str(tmp_path / "private"), "base_url": None}
    settings.STORAGES = {**settings.STORAGES, "private": private}
    return tmp_path


def test_a_folder_that_is_gone_is_a_fault(folders):
    assert severity(files.folders) is WELL
    (folders / "private").rmdir()
    assert severity(files.folders) is FAULT
    assert "PRIVATE_ROOT" in said(files.folders)


@pytest.mark.parametrize(("free", "expected"), [(5000, WELL), (500, WARNING), (50, FAULT)])
def test_little_space_is_told_before_it_is_gone(folders, monkeypatch, free, expected):
    usage = SimpleNamespace(free=free * files.MEBIBYTE)
    monkeypatch.setattr(files.shutil, "disk_usage", lambda path: usage)
    assert severity(files.space) is expected


def test_what_is_secret_must_be_closed_to_others(folders, monkeypatch):
    secret = folders / ".env"
    secret.write_text("SECRET_KEY=x")
    secret.chmod(0o640)
    monkeypatch.setenv("ENV_FILE", str(secret))
    assert severity(files.permissions) is WELL
    for path in (secret, folders / "private", folders / "backups"):
        path.chmod(0o755)
        assert severity(files.permissions) is WARNING
        assert str(path) in said(files.permissions)
        path.chmod(0o750)


def test_private_files_below_the_public_ones_are_a_fault(folders, settings):
    settings.MEDIA_ROOT = str(folders)
    assert severity(files.permissions) is FAULT


def test_static_files_are_collected_and_of_this_version(folders, monkeypatch):
    sources = folders / "sources"
    sources.mkdir()
    (sources / "a.js").write_text("1")
    storage = FileSystemStorage(location=sources)
    finder = SimpleNamespace(list=lambda ignored: [("a.js", storage)])
    monkeypatch.setattr(files, "get_finders", lambda: [finder])
    assert severity(files.static_files) is FAULT
    (folders / "static" / "a.js").write_text("1")
    assert severity(files.static_files) is WELL
    (sources / "a.js").write_text("2")
    assert severity(files.static_files) is FAULT
    assert "a.js" in said(files.static_files)


# The site -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_address_of_the_site_is_that_of_the_settings(settings):
    settings.SITE_URL = Site.objects.get(is_default_site=True).root_url
    assert severity(site.address) is WELL
    settings.SITE_URL = "https://other.example"
    assert severity(site.address) is FAULT
    Site.objects.update(is_default_site=False)
    assert severity(site.address) is FAULT


def test_a_cache_that_is_gone_is_a_fault(monkeypatch):
    assert severity(site.caches) is WELL

    def gone():
        raise ConnectionError("refused")

    monkeypatch.setattr(readiness, "cache", gone)
    assert severity(site.caches) is FAULT


def test_pages_that_are_not_kept_make_the_site_slow_and_no_less_ready(settings):
    assert severity(site.kept_pages) is WELL
    dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES = {**settings.CACHES, "pages": dummy}
    assert severity(site.kept_pages) is WARNING
    assert severity(site.caches) is WELL


def configured(folder: Path) -> str:
    """nginx, as ``deploy/install.sh`` configures it."""
    here = Path("/somewhere")
    names = ("folder", "certificate", "key", "static", "cache", "acme", "logs")
    return nginx.configuration(
        nginx.Machine(upstream="unix:/site.sock", leases=folder, **dict.fromkeys(names, here))
    )


def lend(folder: Path) -> None:
    Leases(folder).renew(Reading(version=1, withdrawals=0, asked_at=time.time()))


def test_a_site_that_lends_no_pages_is_told_of(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(site, "NGINX_SITES", tmp_path / "elsewhere")
    settings.PAGE_CACHE_LEASES = ""
    assert not list(site.lent_pages())
    settings.PAGE_CACHE_LEASES = str(tmp_path / "leases")
    assert severity(site.lent_pages) is WARNING
    assert "reinicie-o" in said(site.lent_pages)
    lend(tmp_path / "leases")
    assert severity(site.lent_pages) is WELL
    # One that ended a minute ago left its folder.
    [folder] = (tmp_path / "leases").iterdir()
    os.utime(folder, (time.time() - 60, time.time() - 60))
    assert severity(site.lent_pages) is WARNING


def test_a_configuration_of_nginx_for_another_release_is_told_of(settings, tmp_path, monkeypatch):
    settings.PAGE_CACHE_LEASES = str(tmp_path / "leases")
    sites = tmp_path / "sites-enabled"
    sites.mkdir()
    monkeypatch.setattr(site, "NGINX_SITES", sites)
    (sites / "other").write_text("server { root /var/www/html; }")
    (sites / "picture").write_bytes(b"\xff")
    lend(tmp_path / "leases")
    assert severity(site.lent_pages) is WELL
    (sites / "jundiai.conf").write_text(configured(tmp_path / "leases"))
    assert severity(site.lent_pages) is WELL
    monkeypatch.setattr(leases, "release", lambda: ("0123456789abcdef", 0.0))
    lend(tmp_path / "leases")
    assert severity(site.lent_pages) is WARNING
    assert "deploy/install.sh" in said(site.lent_pages)


@pytest.mark.django_db
def test_a_search_that_lacks_pages_or_has_too_many_is_told():
    assert severity(site.search_index) is WELL
    entry = SearchEntry.objects.first()
    SearchEntry.objects.filter(pk=entry.pk).delete()
    assert "faltam 1, sobram 0" in said(site.search_index)
    assert severity(site.search_index) is WARNING
    entry.page_id = entry.page.get_root().pk
    entry.save(force_insert=True)
    assert "faltam 1, sobram 1" in said(site.search_index)


# Mail, people, tasks ----------------------------------------------------------------------------


@pytest.fixture
def smtp(settings):
    """Settings for a mail server that is there: just enough of one."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 mail\r\n")
            for line in self.rfile:
                self.wfile.write(b"221 bye\r\n" if line[:4].upper() == b"QUIT" else b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.DELIVERY_BACKEND = mail.SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield
        server.shutdown()


def test_a_mail_server_that_takes_us_is_well(smtp):
    assert severity(mail.server) is WELL


def test_a_mail_server_that_is_gone_is_a_fault_and_none_a_warning(settings):
    settings.DELIVERY_BACKEND = mail.SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert severity(mail.server) is FAULT
    settings.DELIVERY_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert severity(mail.server) is WARNING


@pytest.mark.django_db
def test_administrators_are_there_and_have_a_second_factor():
    User.objects.filter(is_superuser=True).delete()
    assert severity(people.superusers) is FAULT
    root = User.objects.create_superuser("raiz")
    assert severity(people.superusers) is WARNING
    assert "raiz" in said(people.superusers)
    AuthenticatorApp.objects.create(user=root, secret="x")
    assert severity(people.superusers) is WELL


@pytest.fixture
def all_ran(db):
    for task in TASKS:
        TaskRun.begin(task.command)
        TaskRun.end(task.command)


def test_tasks_that_ran_or_run_now_are_well(all_ran):
    assert severity(tasks.recent_runs) is WELL
    TaskRun.objects.filter(task="backup").update(succeeded_at=None, finished_at=None)
    assert severity(tasks.recent_runs) is WELL


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"error": "OSError: full\nmore"}, "falhou da última vez: OSError: full"),
        ({"succeeded_at": timezone.now() - timedelta(hours=3)}, "não termina bem há 3"),
        (
            {"succeeded_at": None, "started_at": timezone.now() - timedelta(hours=3)},
            "não termina bem há 3",
        ),
        (None, "nunca foi rodado"),
    ],
)
def test_a_task_that_did_not_run_or_failed_is_told_with_what_it_costs(all_ran, change, words):
    runs = TaskRun.objects.filter(task="publish_scheduled")
    runs.delete() if change is None else runs.update(**change)
    assert severity(tasks.recent_runs) is WARNING
    assert f"publish_scheduled {words}" in said(tasks.recent_runs)


@pytest.mark.parametrize(
    ("hours", "is_encrypted", "expected"),
    [(2, True, WELL), (2, False, WARNING), (30, True, WARNING), (24 * 9, True, FAULT)],
)
def test_the_age_of_the_last_backup_is_told(folders, hours, is_encrypted, expected):
    assert severity(tasks.last_backup) is WARNING
    moment = timezone.now() - timedelta(hours=hours)
    Path(folders, "backups", rotation.name_of(moment, is_encrypted)).touch()
    assert severity(tasks.last_backup) is expected


# Timers -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_task_leaves_behind_when_it_ran_and_how_it_ended(monkeypatch):
    call_command("run_task", "clearsessions")
    run = TaskRun.objects.get(task="clearsessions")
    assert run.started_at <= run.finished_at == run.succeeded_at
    assert run.error == ""

    def fails(*args, **options):
        raise CommandError("2 could not be done")

    monkeypatch.setattr("operations.management.commands.run_task.call_command", fails)
    with pytest.raises(CommandError, match="2 could not"):
        call_command("run_task", "clearsessions")
    failed = TaskRun.objects.get(task="clearsessions")
    assert failed.error == "CommandError: 2 could not be done"
    assert failed.succeeded_at == run.succeeded_at < failed.finished_at


@pytest.mark.django_db
def test_a_task_gets_the_options_that_come_after_its_name(monkeypatch):
    from operations.management.commands import run_task

    seen = []
    monkeypatch.setattr(run_task, "call_command", lambda *given, **options: seen.append(given))
    command = run_task.Command()
    command.run_from_argv(["manage.py", "run_task", "check_links", "--budget", "7200"])
    assert seen == [("check_links", "--budget", "7200")]


def test_every_task_is_a_command_and_has_its_timer_in_the_documents(settings):
    from django.core.management import get_commands

    text = (settings.BASE_DIR / "docs/operations.md").read_text(encoding="utf-8")
    for task in TASKS:
        assert task.command in get_commands()
        assert f"`jundiai-{task.command}.timer`" in text


# The command --------------------------------------------------------------------------------------


@pytest.mark.parametrize("expected", [WELL, WARNING, FAULT])
def test_the_status_is_that_of_the_worst_finding(monkeypatch, expected):
    monkeypatch.setattr(doctor.database, "can_connect", lambda: True)
    found = [doctor.Finding(each, "Assim é.", "Faça.") for each in Severity if each <= expected]
    monkeypatch.setattr(doctor, "CHECKS", {"site": ("Site", (lambda: iter(found),))})
    out = io.StringIO()
    status = 0
    try:
        call_command("doctor", json=True, stdout=out)
    except SystemExit as error:
        status = error.code
    assert status == int(expected)
    told = json.loads(out.getvalue())
    assert told["status"] == expected.name.lower()
    assert [each["severity"] for each in told["findings"]] == [
        each.name.lower() for each in Severity if each <= expected
    ]


@pytest.mark.django_db
def test_the_doctor_says_in_portuguese_what_is_wrong_and_what_to_do():
    User.objects.filter(is_superuser=True).delete()
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", only=["people", "database"], stdout=out)
    assert ended.value.code == 2
    text = out.getvalue()
    assert "bem: O banco de dados responde." in text
    assert "defeito: Ninguém administra o site.\n    → Rode: manage.py createsuperuser" in text
    assert text.endswith("1 defeito, 0 avisos.\n")


def test_a_check_that_fails_itself_is_a_fault_and_the_others_go_on(monkeypatch):
    def broken():
        raise ZeroDivisionError("x")
        yield

    monkeypatch.setattr(doctor.database, "can_connect", lambda: True)
    monkeypatch.setattr(doctor, "connection", SimpleNamespace(in_atomic_block=False))
    monkeypatch.setattr(doctor, "CHECKS", {"site": ("Site", (broken, site.debug))})
    first, second = doctor.examine()
    assert (first.finding.severity, second.check) == (FAULT, "debug")
    assert "ZeroDivisionError" in first.finding.message


@pytest.mark.django_db
def test_the_doctor_changes_nothing():
    before = TaskRun.objects.count(), SearchEntry.objects.count(), connection.in_atomic_block
    list(doctor.examine())
    after = TaskRun.objects.count(), SearchEntry.objects.count(), connection.in_atomic_block
    assert before == after
