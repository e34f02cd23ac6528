"""Several machines, as ``docs/deployment.md`` describes them, all of them on this one: two nodes of
the site, a PostgreSQL with a streaming replica, a Redis, and an nginx before them."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection

from tests import throwaway_postgres
from tests.servers import Server, children_of, free_port, hold_port
from tests.test_deploy import NGINX, Answer, Nginx, eventually

REDIS = shutil.which("redis-server")
PASSWORD = "senha-para-as-provas-dos-nos"
IDENTITY = "/admin/snippets/pages/siteidentity/edit/{}/"
#: Seconds within which a change is to be seen.
PROMISE = 1.0


def _has_postgres() -> bool:
    try:
        throwaway_postgres.find_binaries()
    except SystemExit:
        return False
    return True


pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="copies PostgreSQL's database"),
    pytest.mark.skipif(NGINX is None, reason="nginx is missing: sudo apt install nginx-light"),
    pytest.mark.skipif(REDIS is None, reason="Redis is missing: sudo apt install redis-server"),
    pytest.mark.skipif(not _has_postgres(), reason="PostgreSQL's programs are missing"),
]


class Redis:
    """A server that keeps nothing on the disk."""

    def __init__(self):
        self._held = hold_port()  # also while it is killed
        self.port = self._held.getsockname()[1]
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                *(REDIS, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", tempfile.gettempdir()),
            ],
            stdout=subprocess.DEVNULL,
        )
        eventually(lambda: self._asks("PING") == b"+PONG\r\n")

    def _asks(self, command: str) -> bytes:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as asking:
                asking.sendall(f"{command}\r\n".encode())
                return asking.recv(4096)
        except OSError:
            return b""

    def flush(self) -> None:
        assert self._asks("FLUSHALL") == b"+OK\r\n"

    def size(self) -> int:
        return int(self._asks("DBSIZE").strip(b":\r\n"))

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None


class Node(Server):
    """One machine of the site."""

    def __init__(self, folder: Path, host: str, **environment):
        folder.mkdir()
        self.host = host
        super().__init__(
            folder,
            DJANGO_SETTINGS_MODULE="tests.node_settings",
            ALLOWED_HOSTS="localhost",
            SITE_URL=f"https://{host}",
            USE_FORWARDED_PROTO="True",
            CLIENT_ADDRESS_HEADER="X-Real-IP",
            REQUIRE_SECOND_FACTOR="False",
            MEDIA_ROOT=settings.MEDIA_ROOT,
            PAGE_CACHE_ROOT=str(folder / "pages"),
            METRICS_PORT=str(free_port()),
            LOG_LEVEL="WARNING",
            WEB_THREADS="4",
            **environment,
        )
        self._stack = ExitStack()

    def start(self) -> None:
        self._stack.enter_context(self.running(workers=1))
        eventually(lambda: self.ask("/").status == 200)

    def stop(self) -> None:
        self._stack.close()

    def kill(self) -> None:
        """As when the machine loses its power."""
        pid = self.process.pid
        for each in (pid, *children_of(pid)):
            os.kill(each, signal.SIGKILL)
        self.process.wait(20)
        self.stop()

    def ask(self, address: str, method="GET", body=None, timeout=20, **headers) -> Answer:
        """As nginx asks."""
        usual = {"Host": self.host, "X-Forwarded-Proto": "https", "X-Real-IP": "203.0.113.9"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asking = http.client.HTTPConnection(*self._bind.split(":"), timeout=timeout)
        with closing(asking):
            asking.request(method, address, body=body, headers={**usual, **named})
            return Answer(asking.getresponse())

    def drawn(self) -> dict[str, int]:
        """How many answers were drawn for visitors, by where they were read."""
        address = f"http://127.0.0.1:{self.environment['METRICS_PORT']}/metrics"
        with urllib.request.urlopen(address, timeout=20) as answer:
            text = answer.read().decode()
        found = re.findall(r'(?m)^jundiai_drawings_total\{source="(\w+)"\} ([\d.]+)', text)
        return {source: int(float(number)) for source, number in found}


class Editor:
    """Somebody with a browser, at one of the nodes."""

    def __init__(self, node: Node):
        self._node, self._cookies = node, {}
        self.send("/admin/login/", username="editora", password=PASSWORD)
        assert any("session" in name for name in self._cookies)

    def _ask(self, address: str, **more) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        answer = self._node.ask(
            address, Cookie=cookies, Referer=f"https://{self._node.host}/", **more
        )
        for header in answer.headers.get_all("Set-Cookie", ()):
            name, _equals, value = header.split(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    def send(self, address: str, **changed) -> None:
        """The form that is at ``address``, with some fields changed."""
        page = BeautifulSoup(self._ask(address).text, "html.parser")
        form = page.find(attrs={"name": next(iter(changed))}).find_parent("form")
        filled = {
            field["name"]: field.get("value", "")
            for field in form.find_all("input")
            if field.get("name") and field.get("type") not in ("submit", "checkbox", "file")
        }
        filled |= {area["name"]: area.text.strip("\r\n") for area in form.find_all("textarea")}
        answer = self._ask(
            address,
            method="POST",
            body=urlencode({**filled, **changed}),
            Content_Type="application/x-www-form-urlencoded",
        )
        assert answer.status == 302, answer.text


class Group:
    """All of it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._held = hold_port()  # until nginx has it
        self.host = f"localhost:{self._held.getsockname()[1]}"
        self.primary = throwaway_postgres.Postgres(folder / "primary", *throwaway_postgres.FAST)
        self.replica = throwaway_postgres.Postgres(folder / "replica", *throwaway_postgres.FAST)
        self.redis = Redis()
        shared = {
            "DATABASE_URL": throwaway_postgres.url_of(self.primary.socket, "jundiai"),
            "DATABASE_REPLICA_URL": throwaway_postgres.url_of(self.replica.socket, "jundiai"),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0",
            # As all that pages show, the same on all nodes.
            "STATIC_ROOT": str(folder / "static"),
            "PRIVATE_ROOT": str(folder / "private"),
        }
        self.b = Node(folder / "b", self.host, **shared)
        others = self.b.address.removeprefix("http://")
        # It has nginx on it, and less connections than threads.
        more = {"NGINX_UPSTREAMS": others, "WEB_DATABASE_CONNECTIONS": "2"}
        self.a = Node(folder / "a", self.host, **more, **shared)
        self._number = 0

    @contextmanager
    def running(self, nginx_folder: Path):
        with ExitStack() as stack:
            self.primary.make()
            stack.enter_context(self.primary.running())
            self._fill()
            self.replica.copy(self.primary)
            stack.enter_context(self.replica.running())
            self.redis.start()
            stack.callback(self.redis.kill)
            self.nginx = Nginx(nginx_folder, self.a)
            self.nginx.https = int(self.host.partition(":")[2])
            self.nginx.machine = type(self.nginx.machine)(
                **{**vars(self.nginx.machine), "https_port": f"127.0.0.1:{self.nginx.https}"}
            )
            self.nginx.configure()
            stack.enter_context(self.nginx.running())
            for node in (self.a, self.b):
                stack.callback(node.stop)
                node.start()
            self.editor = Editor(self.a)
            eventually(lambda: self.ask_fresh_at(self.b) == "replica", seconds=30)
            yield self

    def _fill(self) -> None:
        """With the content that every test finds, and an editor."""
        with psycopg.connect(self.dsn(self.primary, "postgres"), autocommit=True) as server:
            server.execute("CREATE DATABASE jundiai")
        ours = connection.settings_dict
        access = {"host": ours["HOST"], "port": ours["PORT"], "user": ours["USER"]}
        options = [f"--{name.replace('user', 'username')}={v}" for name, v in access.items() if v]
        binaries = throwaway_postgres.find_binaries()
        with subprocess.Popen(
            [binaries / "pg_dump", "--no-owner", "--no-privileges", *options, ours["NAME"]],
            env={**os.environ, "PGPASSWORD": ours["PASSWORD"]},
            stdout=subprocess.PIPE,
        ) as dump:
            subprocess.run(
                [
                    *(binaries / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"),
                    self.dsn(self.primary),
                ],
                stdin=dump.stdout,
                stdout=subprocess.DEVNULL,
                check=True,
            )
        with psycopg.connect(self.dsn(self.primary)) as server:
            server.execute(
                "INSERT INTO auth_user (username, password, is_superuser, is_staff, is_active,"
                " first_name, last_name, email, date_joined)"
                " VALUES ('editora', %s, true, true, true, '', '', '', now())",
                [PBKDF2PasswordHasher().encode(PASSWORD, "sal")],
            )
            self.identity = server.execute(
                "SELECT i.id FROM pages_siteidentity i JOIN wagtailcore_locale l"
                " ON l.id = i.locale_id WHERE l.language_code = 'pt-br'"
            ).fetchone()[0]

    @staticmethod
    def dsn(server, name="jundiai") -> str:
        return f"host={server.socket} user=postgres dbname={name}"

    def sql(self, server, statement: str) -> None:
        with psycopg.connect(self.dsn(server), autocommit=True) as asking:
            asking.execute(statement)

    def change(self) -> tuple[str, float]:
        """What an editor does at the first node: the site's name, and when it was saved."""
        self._number += 1
        name = f"Nome {self._number} dos nós"
        # What a script would fill in, of the blocks that there are not.
        blocks = {"social_links-count": "0"}
        self.editor.send(IDENTITY.format(self.identity), name=name, **blocks)
        return name, time.monotonic()

    def change_is_seen_in_time(self, *places, address="/noticias/") -> float:
        """Everywhere. Gives the seconds after which nobody saw the old page any more."""
        places = places or (self.a, self.b, self.nginx)
        for place in places:
            place.ask(address)
        name, saved = self.change()

        def last_stale(place) -> float:
            last, end = 0.0, saved + 15
            while True:
                asked = time.monotonic()
                answer = place.ask(address)
                assert answer.status == 200
                if name in answer.text:
                    return last
                last = asked - saved
                assert asked < end, "never seen"

        with ThreadPoolExecutor(len(places)) as pool:
            lasted = max(pool.map(last_stale, places))
        assert lasted < PROMISE
        return lasted

    def ask_fresh_at(self, node: Node, address="/") -> str:
        """An address that nobody asked for before; from where it was read."""
        self._number += 1
        before = node.drawn()
        answer = node.ask(f"{address}?nunca={self._number}")
        assert answer.status == 200
        more: list[str] = []

        def is_counted():
            now = node.drawn()
            more[:] = [source for source in now if now[source] > before.get(source, 0)]
            return more

        eventually(is_counted)
        return more[0]


@pytest.fixture(scope="module")
def group(tmp_path_factory, django_db_setup, django_db_blocker):
    folder = Path(tempfile.mkdtemp(prefix="jundiai-nodes-", dir="/tmp"))
    # PostgreSQL's own user, who is not root, has to get there.
    folder.chmod(0o755)
    try:
        with (
            django_db_blocker.unblock(),
            Group(folder).running(tmp_path_factory.mktemp("nginx")) as group,
        ):
            yield group
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def readers(ask, number=4):
    """Some who read all the time; gives what they were answered, and when they asked."""
    answers, is_over = [], threading.Event()

    def read():
        while not is_over.is_set():
            try:
                answers.append(ask().status)
            except (OSError, http.client.HTTPException) as error:
                answers.append(repr(error))

    threads = [threading.Thread(target=read) for _number in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


# A change -----------------------------------------------------------------------------------------


def test_a_change_at_one_node_is_seen_at_all_and_through_nginx_within_a_second(group):
    for _time in range(3):
        group.change_is_seen_in_time()


def is_drawn_once_for_all_nodes(group, address: str) -> None:
    """An address that nobody asked for before: others are drawn anew by themselves."""
    group.change()
    time.sleep(PROMISE)
    drawn = lambda: sum(sum(node.drawn().values()) for node in (group.a, group.b))  # noqa: E731
    before = drawn()
    pages = {node.ask(address).body for node in (group.a, group.b) for _time in range(3)}
    assert len(pages) == 1
    eventually(lambda: drawn() > before)
    assert drawn() == before + 1


def test_a_page_is_drawn_once_for_all_nodes(group):
    is_drawn_once_for_all_nodes(group, "/metas/")


# The replica --------------------------------------------------------------------------------------


def test_visitors_pages_are_read_from_the_replica_and_editors_work_on_the_primary(group):
    for node in (group.a, group.b):
        eventually(lambda node=node: group.ask_fresh_at(node) == "replica")
    with psycopg.connect(group.dsn(group.primary)) as server:
        reads = (
            "SELECT sum(idx_scan + seq_scan) FROM pg_stat_user_tables WHERE relname LIKE 'news_%'"
        )
        server.execute("SELECT pg_stat_clear_snapshot()")
        before = server.execute(reads).fetchone()
    group.ask_fresh_at(group.b, "/noticias/")
    time.sleep(1)  # PostgreSQL counts afterwards
    with psycopg.connect(group.dsn(group.primary)) as server:
        assert server.execute(reads).fetchone() == before


def test_a_replica_that_lags_is_not_asked_and_nothing_is_older_for_it(group):
    group.sql(group.replica, "SELECT pg_wal_replay_pause()")
    try:
        for _time in range(2):
            group.change_is_seen_in_time()
        assert group.ask_fresh_at(group.b) == "primary"
    finally:
        group.sql(group.replica, "SELECT pg_wal_replay_resume()")
    eventually(lambda: group.ask_fresh_at(group.b) == "replica")


def test_a_replica_that_fails_in_the_middle_of_a_page_is_not_noticed_by_its_reader(group):
    eventually(lambda: group.ask_fresh_at(group.b) == "replica")
    with psycopg.connect(group.dsn(group.primary)) as server:
        # Locks are replicated; the row of the stamp can still be read. Not what pages show alike,
        # which was found for the page before.
        server.execute("LOCK TABLE pages_homepage IN ACCESS EXCLUSIVE MODE")
        server.execute("SELECT pg_switch_wal()")

        def free_the_primary():
            """The replica goes on waiting: it hears nothing more."""
            group.sql(group.replica, "SELECT pg_wal_replay_pause()")
            server.rollback()

        threading.Timer(0.5, free_the_primary).start()
        try:
            assert group.ask_fresh_at(group.b) == "failed"
            assert group.ask_fresh_at(group.b) == "primary"  # it is left alone for a while
        finally:
            group.sql(group.replica, "SELECT pg_wal_replay_resume()")


def test_without_its_replica_the_site_goes_on_and_the_doctor_tells(group):
    group.replica.stop("immediate")
    try:
        group.change_is_seen_in_time()
        assert group.ask_fresh_at(group.a) == "primary"
        said = subprocess.run(
            [sys.executable, "manage.py", "doctor", "--only", "database"],
            cwd=settings.BASE_DIR,
            env=group.a.environment,
            capture_output=True,
            text=True,
        )
        assert said.returncode == 1, said.stdout
        assert "A réplica do banco não serve para ler" in said.stdout
    finally:
        group.replica.start()
    eventually(lambda: group.ask_fresh_at(group.a) == "replica")


def test_without_the_primary_pages_that_nobody_has_kept_are_read_from_the_replica(group):
    group.change_is_seen_in_time(address="/")
    eventually(lambda: group.ask_fresh_at(group.a) == "replica")
    group.primary.stop()
    try:
        for node in (group.a, group.b):
            eventually(lambda node=node: "Cache-Status" in node.ask("/").headers)
        answer = group.a.ask("/noticias/?pagina=2")
        assert answer.status == 200
        assert group.nginx.ask("/noticias/?pagina=1").status == 200
        # What is read from it is kept nowhere.
        assert "ETag" not in answer.headers
        assert "X-Accel-Expires" not in answer.headers
    finally:
        group.primary.start()
    eventually(lambda: "Cache-Status" not in group.a.ask("/").headers)
    group.change_is_seen_in_time()


# The database -------------------------------------------------------------------------------------


def test_a_restart_of_postgresql_between_requests_costs_nobody_an_error(group):
    group.replica.stop()
    try:
        with ThreadPoolExecutor(4) as pool:
            ask = lambda number: group.b.ask(f"/busca/?q=texto{number}").status  # noqa: E731
            assert set(pool.map(ask, range(8))) == {200}  # the pool has all of its connections
            for mode in ("fast", "immediate"):
                group.primary.stop(mode)
                group.primary.start()
                # Whoever comes first finds nothing but connections that are dead.
                assert ask(100) == 200, mode
                assert set(pool.map(ask, range(8))) == {200}, mode
    finally:
        group.replica.start()


def test_without_a_connection_that_is_free_kept_pages_are_answered_and_others_are_told_soon(group):
    kept = "/noticias/"
    eventually(lambda: group.a.ask(kept).status == 200)
    cookie = {"Cookie": "__Host-session=de-ninguem-que-exista"}
    with (
        psycopg.connect(group.dsn(group.primary)) as server,
        ThreadPoolExecutor(2) as pool,
    ):
        server.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
        ask = lambda _number: group.a.ask("/admin/", **cookie).status  # noqa: E731
        waiting = [pool.submit(ask, number) for number in range(2)]  # and they have the whole pool
        with psycopg.connect(group.dsn(group.primary), autocommit=True) as other:
            held = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            eventually(lambda: other.execute(held).fetchone() == (2,))
        started = time.monotonic()
        refused = group.a.ask("/admin/", **cookie)
        taken = time.monotonic() - started
        assert refused.status == 503
        assert refused.headers["Retry-After"]
        assert "O banco de dados não está respondendo" in refused.text
        assert taken < 5
        started = time.monotonic()
        answer = group.a.ask(kept)
        assert answer.status == 200
        assert "Cache-Status" not in answer.headers
        assert time.monotonic() - started < 1
        server.rollback()
        assert {each.result(20) for each in waiting} == {302}


def test_commands_have_one_connection_and_no_pool(group):
    said = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", COUNT],
        cwd=settings.BASE_DIR,
        env=group.a.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["True", "None", "1"]


COUNT = """
import threading
from django.contrib.auth.models import User
from django.db import connection
print(User.objects.exists(), connection.pool, threading.active_count())
"""


# Redis --------------------------------------------------------------------------------------------


def test_a_redis_that_is_killed_or_emptied_costs_a_drawing_and_no_freshness(group):
    group.redis.kill()
    try:
        group.change_is_seen_in_time()
    finally:
        group.redis.start()
    # Redis came back empty; what is known of withdrawals and pages is told to it again.
    eventually(lambda: group.change_is_seen_in_time() < PROMISE and group.redis.size() > 0)
    group.redis.flush()
    group.change_is_seen_in_time()
    is_drawn_once_for_all_nodes(group, "/privacidade/")


# A node -------------------------------------------------------------------------------------------


def test_a_node_that_dies_under_load_is_noticed_by_no_reader(group):
    number = iter(range(10**6))

    def ask():
        # Never kept: nginx must ask a node each time.
        return group.nginx.ask(f"/busca/?q=palavra{next(number)}")

    for node in (group.a, group.b):
        with readers(ask) as answers:
            eventually(lambda answers=answers: len(answers) > 20)
            node.kill()
            before = len(answers)
            eventually(lambda answers=answers, before=before: len(answers) > before + 40)
        assert set(answers) == {200}
        node.start()
    group.change_is_seen_in_time()
