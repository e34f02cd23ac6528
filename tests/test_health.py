"""What load balancers and Prometheus are told."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
from django.conf import settings as site_settings
from django.core.files.storage import storages
from django.db import connection

from operations import migrations_state, readiness
from operations.exporter import Exporter
from operations.readiness import Check

DETAILED = {"database", "migrations", "cache", "media"}


@pytest.fixture
def checks(monkeypatch):
    """Decides what is found, without a thread, which would not see the test's database."""

    def found(*names_of_what_is_wrong):
        made = [
            Check(name, "broken" if name in names_of_what_is_wrong else "") for name in DETAILED
        ]
        monkeypatch.setattr(readiness, "report", lambda timeout: made)

    return found


# The answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.0.0.7", "evil.example", "testserver:99", "_"])
def test_health_is_told_under_any_name_over_http_without_cookie_and_never_kept(
    client, checks, settings, address, host
):
    checks()
    settings.SECURE_SSL_REDIRECT = True
    for method in (client.get, client.head):
        answer = method(address, headers={"Host": host})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "application/json"
        assert not answer.cookies
    assert client.post(address).status_code == 405


def test_that_a_process_is_alive_needs_no_database(client):
    """There is no mark for a database on this test: it would be refused."""
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("wrong", sorted(DETAILED))
def test_whoever_cannot_serve_says_so_and_why(client, checks, wrong):
    checks(wrong)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    told = answer.json()
    assert told["status"] == "unavailable"
    assert told["checks"][wrong] == {"ok": False, "error": "broken"}
    assert {name for name, check in told["checks"].items() if check["ok"]} == DETAILED - {wrong}


@pytest.mark.parametrize(
    ("peer", "headers", "header_of_proxy", "is_told"),
    [
        ("127.0.0.1", {}, "", True),
        ("10.1.2.3", {}, "", True),
        ("::ffff:192.168.0.9", {}, "", True),
        ("fd00::7", {}, "", True),
        ("", {}, "", True),  # a Unix socket
        ("203.0.113.9", {}, "", False),
        ("2001:db8::1", {}, "", False),
        ("nonsense", {}, "", False),
        # A header gives no rights.
        ("203.0.113.9", {"X-Real-IP": "127.0.0.1"}, "X-Real-IP", False),
        ("203.0.113.9", {"X-Forwarded-For": "127.0.0.1"}, "", False),
        # Through a proxy: for whom it asks counts, and an unknown proxy asks for strangers.
        ("127.0.0.1", {"X-Real-IP": "203.0.113.9"}, "X-Real-IP", False),
        ("127.0.0.1", {"X-Real-IP": "10.0.0.4"}, "X-Real-IP", True),
        ("127.0.0.1", {"X-Real-IP": "nonsense"}, "X-Real-IP", False),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, "", False),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, "X-Real-IP", False),
        # Straight to the application, past the proxy.
        ("127.0.0.1", {}, "X-Real-IP", True),
    ],
)
def test_only_the_local_network_is_told_what_is_wrong(
    client, checks, settings, peer, headers, header_of_proxy, is_told
):
    checks("database")
    settings.CLIENT_ADDRESS_HEADER = header_of_proxy
    answer = client.get("/readyz", headers=headers, REMOTE_ADDR=peer)
    assert answer.status_code == 503
    assert ("checks" in answer.json()) is is_told


def test_the_local_networks_can_be_set(client, checks, settings):
    checks()
    settings.HEALTH_NETWORKS = ["203.0.113.0/24"]
    assert "checks" in client.get("/readyz", REMOTE_ADDR="203.0.113.9").json()
    assert "checks" not in client.get("/readyz", REMOTE_ADDR="127.0.0.1").json()


# What is asked ---------------------------------------------------------------------------------


def errors() -> dict[str, str]:
    return {check.name: check.error for check in readiness.run() if check.error}


@pytest.mark.django_db
def test_a_site_in_order_is_ready(client):
    assert errors() == {}


@pytest.mark.django_db
def test_a_migration_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(migrations_state, "_known", {})
    real = migrations_state.applied
    gone = {("operations", "0001_task_runs")}
    monkeypatch.setattr(migrations_state, "applied", lambda connection: real(connection) - gone)
    monkeypatch.setattr(
        migrations_state.MigrationExecutor,
        "migration_plan",
        lambda self, targets: [
            (SimpleNamespace(app_label="operations", name="0001_task_runs"), False)
        ],
    )
    assert errors() == {"migrations": "RuntimeError: 1 not applied: operations.0001_task_runs"}
    monkeypatch.undo()
    assert errors() == {}


@pytest.mark.django_db
def test_a_cache_that_keeps_nothing_is_told(settings):
    settings.CACHES = {
        **settings.CACHES,
        "limits": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    }
    assert "limits" in errors()["cache"]


@pytest.mark.django_db
def test_a_media_folder_that_is_gone_is_told_and_not_made(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "not-mounted")
    assert "FileNotFoundError" in errors()["media"]
    assert not (tmp_path / "not-mounted").exists()
    settings.MEDIA_ROOT = str(tmp_path)
    assert "media" not in errors()
    assert list(tmp_path.iterdir()) == []
    assert storages["default"].location == str(tmp_path)


@pytest.mark.django_db
def test_without_the_database_nothing_is_said_of_its_migrations(monkeypatch):
    def gone():
        raise OSError("server closed the connection")

    monkeypatch.setitem(readiness.CHECKS, "database", gone)
    assert errors() == {
        "database": "OSError: server closed the connection",
        "migrations": "not known without the database",
    }


def test_a_database_that_hangs_holds_nobody_up_and_is_asked_once(monkeypatch):
    free, asked = threading.Event(), []

    def hang():
        asked.append(1)
        free.wait(20)
        return [Check("database")]

    monkeypatch.setattr(readiness, "run", hang)
    monkeypatch.setattr(readiness, "_probe", readiness._Probe())
    start = time.monotonic()
    for _again in range(3):
        (check,) = readiness.report(0.1)
        assert check.error == "no answer within 0.1 s"
    assert time.monotonic() - start < 5
    free.set()
    assert readiness.report(5) == [Check("database")]
    assert len(asked) == 1


# Metrics -----------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def until(question, seconds=40):
    """What ``question`` gives when it gives something."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := question():
                return found
        except OSError:
            pass
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)


def value(metrics: str, name: str, **labels) -> float:
    wanted = {f'{label}="{text}"' for label, text in labels.items()}
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in metrics.splitlines()
        if line.startswith((f"{name}{{", f"{name} ")) and wanted <= set(re.split("[{},]", line))
    )


@pytest.mark.one_database
def test_gunicorn_counts_requests_and_forgets_none_when_workers_are_renewed(tmp_path):
    """The real site under the real server: health, metrics, a reload, a killed worker, the end."""
    port, metrics_port = free_port(), free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "jundiai_global.settings.test",
        "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3",
        "WEB_BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        "METRICS_PORT": str(metrics_port),
    }
    site = f"http://127.0.0.1:{port}"
    log = tmp_path / "log"

    def metrics() -> str:
        return get(f"http://127.0.0.1:{metrics_port}/metrics")[1]

    def counted() -> float:
        return value(metrics(), "jundiai_requests_total")

    def workers() -> set[str]:
        return set(re.findall(r"Booting worker with pid: (\d+)", log.read_text()))

    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"],
            cwd=site_settings.BASE_DIR, env=environment, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        assert until(lambda: get(f"{site}/healthz")[0]) == 200
        # There is a database and nothing in it.
        status, _told = get(f"{site}/readyz")
        assert status == 503
        for _again in range(3):
            get(f"{site}/api/v1/?segredo=1")
        # A request is counted after it was answered; one that was cut off is counted and repeated.
        until(lambda: counted() >= 5)
        found = metrics()
        view = {"view": "api:root"} if 'view="api:root"' in found else {}
        assert value(found, "jundiai_request_seconds_count", **view) >= 3
        assert value(found, "jundiai_requests_total", view="none", status="5xx") == 1
        assert value(found, "jundiai_workers_process_resident_memory_bytes") > 10_000_000
        assert "segredo" not in found
        assert "127.0.0.1" not in found

        before = counted()
        (first,) = workers()
        server.send_signal(signal.SIGHUP)
        until(lambda: len(workers()) == 2)
        until(lambda: f"Worker exiting (pid: {first})" in log.read_text())
        until(lambda: not os.path.exists(f"/proc/{first}"))
        (second,) = workers() - {first}
        assert until(lambda: get(f"{site}/healthz")[0]) == 200
        until(lambda: counted() >= before + 1)
        os.kill(int(second), signal.SIGKILL)
        until(lambda: len(workers()) == 3)
        assert until(lambda: get(f"{site}/healthz")[0]) == 200
        until(lambda: counted() >= before + 2)
    finally:
        server.terminate()
        assert server.wait(40) == 0
    with pytest.raises(OSError, match="refused"):
        metrics()


def test_without_a_port_nothing_is_measured(settings):
    from django.core.exceptions import MiddlewareNotUsed

    from operations.metrics import MetricsMiddleware

    settings.METRICS_PORT = 0
    with pytest.raises(MiddlewareNotUsed):
        MetricsMiddleware(lambda request: None)


@pytest.mark.django_db
def test_the_middleware_tells_the_view_its_queries_and_what_it_raised(settings, rf):
    from operations import meters, metrics

    settings.METRICS_PORT = 1

    def view(request):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        request.resolver_match = SimpleNamespace(view_name="noticias")
        try:
            raise KeyError("segredo")
        except KeyError:
            metrics._note_exception(None, request=request)
        return "answer"

    request = rf.get("/x/")
    assert metrics.MetricsMiddleware(view)(request) == "answer"
    assert request.META[meters.VIEW] == "noticias"
    assert request.META[meters.DATABASE][0] == 1
    assert request.META[meters.EXCEPTION] == "KeyError"


def test_what_a_dead_process_counted_is_kept_in_one_file(tmp_path):
    from prometheus_client.mmap_dict import MmapedDict, mmap_key

    key = mmap_key("jundiai_requests", "jundiai_requests_total", ["view"], ["x"], "Help.")
    exporter = Exporter(str(tmp_path), "127.0.0.1", 0, list)
    for pid in range(1, 6):
        numbers = MmapedDict(str(tmp_path / f"counter_{pid}.db"))
        numbers.write_value(key, pid, 0)
        numbers.close()
        exporter.bury(pid)
    assert [path.name for path in tmp_path.iterdir()] == ["counter_dead.db"]
    (metric,) = exporter.collect()
    assert [sample.value for sample in metric.samples] == [15]


def test_nothing_is_imported_in_a_thread_while_workers_are_forked(tmp_path, monkeypatch):
    """They would inherit the lock of that import, and hang at the first use of the module."""
    threads = []
    monkeypatch.setattr(
        "operations.exporter.start_http_server",
        lambda *arguments: threads.append(threading.current_thread()) or (None, None),
    )
    Exporter(str(tmp_path), "127.0.0.1", 0, list).start(logging.getLogger())
    assert threads == [threading.current_thread()]
