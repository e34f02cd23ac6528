"""What fails around the site, made to fail for real: what visitors and editors see meanwhile.

One machine as it is in production: nginx, Gunicorn with two workers, PostgreSQL, Redis, a disk.
"""

import asyncio
import http.client
import io
import itertools
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import struct
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from PIL import Image

from page_cache.leases import LASTS
from page_cache.stamp import PATIENCE
from tests import throwaway_postgres
from tests.servers import Server, children_of, free_port
from tests.slow_proxy import SlowProxy
from tests.test_admin import article_form
from tests.test_deploy import DEPLOY, NGINX, Answer, Nginx, eventually, is_lent

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is missing: sudo apt install nginx-light"),
]
COMPILER = shutil.which("cc")
REDIS = shutil.which("redis-server")
#: What the tests measure is for people to read; what they demand is what a slow machine can do too.
SOON = 15.0
#: Public pages, visited before anything fails, and one that nobody visits.
VISITED = ("/", "/noticias/", "/a-assessoria/", "/metas/", "/mapa-do-site/")
NEVER_VISITED = "/dados-abertos/"
WORKERS = 2

PREPARE = """
import json
from django.conf import settings
from django.db import connection
from django.contrib.auth.models import User
from django.test import Client
from news.models import NewsIndexPage
from pages.models import HomePage
from sign_in.sessions import SECOND_FACTOR
from tests.builders import ArticleFactory
from wagtail.models import Collection
editor = User.objects.create_superuser("editora", "editora@example.org")
client = Client()
client.force_login(editor)
session = client.session
session[SECOND_FACTOR] = True
session.save()
index = NewsIndexPage.objects.get(locale__language_code="pt-br")
article = ArticleFactory(parent=index, title="Acordo com a cidade 0", slug="acordo")
article.save_revision(user=editor).publish()
told = {"session": session.session_key, "article": article.pk, "index": index.pk,
    "collection": Collection.objects.first().pk}
open(FILE, "w").write(json.dumps(told))
"""


def kill_at_once(*first: int) -> None:
    """Servers, by their first processes, with all others of theirs: as in a power cut, in which
    nobody sees another one go."""
    for process in first:
        os.kill(process, signal.SIGSTOP)
    children = [child for process in first for child in children_of(process)]
    for process in (*children, *first):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    for process in first:
        with suppress(ChildProcessError):
            os.waitpid(process, 0)
    eventually(lambda: not any(Path(f"/proc/{each}").exists() for each in (*children, *first)))


class PostgreSQL:
    """A private server that can be stopped, made to hang and killed."""

    #: For all but superusers, who have two more.
    CONNECTIONS = 28
    SETTINGS = (
        f"max_connections={CONNECTIONS + 2}",
        "superuser_reserved_connections=2",
        "deadlock_timeout=300ms",
    )

    def __init__(self, folder: Path, socket: str):
        self.folder, self.socket = folder, socket
        self._pg_ctl = throwaway_postgres.find_binaries() / "pg_ctl"
        self.url = f"postgres://jundiai@/{socket}/jundiai"

    def _control(self, *arguments) -> None:
        user = {"user": "postgres", "group": "postgres", "cwd": "/"} if os.geteuid() == 0 else {}
        subprocess.run(
            [self._pg_ctl, "--pgdata", self.folder / "data", "--wait", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            **user,
        )

    def stop(self, mode="fast") -> None:
        self._control("--mode", mode, "stop")

    def start(self) -> None:
        options = ("listen_addresses=''", f"unix_socket_directories={self.socket}", *self.SETTINGS)
        options = " ".join(f"-c {each}" for each in options)
        self._control("--log", self.folder / "log", "--options", options, "start")

    @property
    def process(self) -> int:
        """The first of its processes."""
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def _send(self, number: signal.Signals) -> None:
        """To all of its processes, the first one first, so that no new ones come."""
        first = self.process
        os.kill(first, number)
        for child in children_of(first):
            with suppress(ProcessLookupError):
                os.kill(child, number)

    @contextmanager
    def hanging(self):
        """It holds its connections, takes new ones, and says nothing."""
        self._send(signal.SIGSTOP)
        try:
            yield
        finally:
            self._send(signal.SIGCONT)

    def connect(self, user="postgres", **options) -> psycopg.Connection:
        return psycopg.connect(
            host=self.socket, user=user, dbname="jundiai", autocommit=True, **options
        )

    def ask(self, question: str, *values) -> list[tuple]:
        with closing(self.connect()) as connection:
            return connection.execute(question, values).fetchall()


@pytest.fixture(scope="module")
def postgresql():
    folder = Path(tempfile.mkdtemp(prefix="jundiai-faults-"))
    folder.chmod(0o755)  # for the server's own user
    try:
        throwaway_postgres.find_binaries()
    except SystemExit as reason:
        pytest.skip(str(reason))
    try:
        with throwaway_postgres.private_server(folder, *PostgreSQL.SETTINGS) as socket:
            server = PostgreSQL(folder, socket)
            with psycopg.connect(host=socket, user="postgres", autocommit=True) as first:
                # Until the content is there; a fault would be nothing without it.
                first.execute("ALTER SYSTEM SET fsync = off")
                first.execute("SELECT pg_reload_conf()")
                first.execute("CREATE ROLE jundiai LOGIN")
                first.execute("CREATE DATABASE jundiai OWNER jundiai")
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Machine:
    """Everything together, as a visitor and an editor find it."""

    def __init__(self, folder: Path, postgresql: PostgreSQL):
        self.folder, self.postgresql = folder, postgresql
        for name in ("media", "private", "nginx"):
            (folder / name).mkdir()
        self._prepare(self._new_server())
        # Only now, or somebody takes its port while the content is made.
        self.server = self._new_server()
        self.nginx = Nginx(folder / "nginx", self.server)
        self.nginx.configure()
        self._started = ExitStack()

    def start(self) -> None:
        self._started.enter_context(self.nginx.running())
        self._started.enter_context(self.server.running(WORKERS))

    def stop(self) -> None:
        self._started.close()

    def cut_the_power(self) -> None:
        """Everything is over at once. The folders stay."""
        nginx = int((self.nginx.folder / "nginx.pid").read_text())
        kill_at_once(self.postgresql.process, self.server.process.pid, nginx)

    def _new_server(self) -> Server:
        folder = self.folder
        return Server(
            folder,
            DJANGO_SETTINGS_MODULE="tests.faults_settings",
            DATABASE_URL=self.postgresql.url,
            ALLOWED_HOSTS="localhost",
            USE_FORWARDED_PROTO="True",
            CLIENT_ADDRESS_HEADER="X-Real-IP",
            PAGE_CACHE_ROOT=str(folder / "pages"),
            PAGE_CACHE_WITHDRAWALS_FILE=str(folder / "withdrawals"),
            HEALTH_NETWORKS="127.0.0.1/32",
            LOG_LEVEL="WARNING",
        )

    def _prepare(self, server: Server) -> None:
        server.manage("migrate", "--verbosity", "0")
        server.manage("load_initial_content", "--verbosity", "0")
        told = self.folder / "told.json"
        server.manage(
            "shell", "--verbosity", "0", "--command", PREPARE.replace("FILE", repr(str(told)))
        )
        vars(self).update(json.loads(told.read_text()))
        with closing(self.postgresql.connect()) as connection:
            connection.execute("ALTER SYSTEM RESET fsync")
            connection.execute("SELECT pg_reload_conf()")

    # Who asks ----------------------------------------------------------------------------------

    def ask(
        self, address="/", method="GET", body=None, timeout=30, server=None, **headers
    ) -> Answer:
        """Of Gunicorn alone, in the name of the proxy."""
        usual = {
            "Host": f"localhost:{self.nginx.https}",
            "X-Forwarded-Proto": "https",
            "X-Real-IP": "203.0.113.9",
        }
        host, _colon, port = (server or self.server).address.removeprefix("http://").partition(":")
        asking = http.client.HTTPConnection(host, int(port), timeout=timeout)
        with closing(asking):
            asking.request(method, address, body=body, headers={**usual, **headers})
            return Answer(asking.getresponse())

    def visit(self, address="/") -> Answer:
        """Through nginx."""
        return self.nginx.ask(address)

    @property
    def cookies(self) -> dict[str, str]:
        return {"Cookie": f"__Host-session={self.session}; __Host-csrf={'c' * 32}"}

    def edit(self, address="/admin/", **form) -> Answer:
        """As the editor who is signed in, through nginx; with a form it is sent."""
        if not form:
            return self.nginx.ask(address, **self.cookies)
        return self.nginx.ask(address, **self.sent(form))

    def sent(self, form: dict) -> dict:
        """The request that the editor's browser makes of a form."""
        return {
            "method": "POST",
            "body": urlencode({**form, "csrfmiddlewaretoken": "c" * 32}),
            **self.cookies,
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"https://localhost:{self.nginx.https}/admin/",
        }

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def workers(self, server=None) -> list[int]:
        return children_of((server or self.server).process.pid)

    @staticmethod
    def listens(worker: int) -> bool:
        """Whether a worker has loaded the site: it has threads then, which wait for work."""
        with suppress(OSError):
            return len(os.listdir(f"/proc/{worker}/task")) > 1
        return False


@pytest.fixture(scope="module")
def machine(postgresql, tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("machine"), postgresql)
    try:
        machine.start()
        for address in VISITED:
            assert machine.visit(address).status == 200, address
        yield machine
    finally:
        machine.stop()


def is_fresh(answer: Answer) -> bool:
    return answer.status == 200 and "jundiai" not in answer.headers.get("Cache-Status", "")


def slowest(ask, addresses) -> float:
    """Seconds that the slowest of several answers took; each is 200."""
    longest = 0.0
    for address in addresses:
        begun = time.monotonic()
        assert ask(address).status == 200, address
        longest = max(longest, time.monotonic() - begun)
    return longest


def refused_in_portuguese(answer: Answer, words: str) -> bool:
    return (
        answer.status == 503
        and answer.headers["Retry-After"] == "30"
        and answer.headers["Cache-Control"] == "no-store"
        and words in answer.text
        and "Traceback" not in answer.text
    )


def pages_are_lent(machine) -> None:
    """nginx has them without asking the site. At the end of each minute they are lent anew."""
    eventually(lambda: is_lent(machine.visit()))


def nothing_is_lent(machine) -> None:
    """What was lent is over by itself, and nginx has its copies, or the site."""
    time.sleep(LASTS)
    assert not any(is_lent(machine.visit(address)) for address in VISITED)


def work_goes_on(machine) -> None:
    """By itself: with the workers that there were."""
    eventually(lambda: is_fresh(machine.ask()) and is_fresh(machine.visit()))
    pages_are_lent(machine)
    for _worker in range(4 * WORKERS):
        assert machine.ask(NEVER_VISITED + "?x").status == 200
        assert machine.edit(EDIT.format(machine.article)).status == 200


EDIT = "/admin/pages/{}/edit/"


def edited(**changes) -> dict:
    """The form of an article, sent as it came but for ``changes``.

    With the box of publicity ticked, as it is: to empty it counts as a withdrawal, and where the
    database goes before somebody could ask it which pages are left, old copies are shown no more.
    """
    return article_form(is_publicity="on", **changes)


#: How many of the site's connections wait for a lock.
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE usename = 'jundiai' AND wait_event_type = 'Lock'
"""
DATABASE = "O banco de dados"


@contextmanager
def nginx_waits(nginx: Nginx, seconds: int):
    """For what the site answers; an installation's does for longer than a test can."""
    file = nginx.folder / "site.conf"
    before = file.read_text()
    assert before.count("proxy_read_timeout 20s;") == 1

    def take(configuration):
        """Until none is there that has the other."""
        first = int((nginx.folder / "nginx.pid").read_text())
        others = set(children_of(first))
        file.write_text(configuration)
        nginx.reload()
        eventually(lambda: not others & set(children_of(first)))

    take(before.replace("proxy_read_timeout 20s;", f"proxy_read_timeout {seconds}s;"))
    try:
        yield
    finally:
        take(before)


class TestPostgreSQL:
    def visitors_and_editors_are_told(self, machine) -> None:
        """While the database is away."""
        nothing_is_lent(machine)
        eventually(lambda: not is_fresh(machine.ask()))
        for ask in (machine.ask, machine.visit):
            assert slowest(ask, VISITED * 4) < SOON
            assert refused_in_portuguese(ask(NEVER_VISITED), DATABASE)
        assert refused_in_portuguese(machine.edit(), "nada pode ser aberto nem salvo")
        assert refused_in_portuguese(machine.edit("/noticias/"), DATABASE)
        form = edited(title="Enquanto isso", slug="acordo")
        sent = machine.edit(EDIT.format(machine.article), **form)
        assert refused_in_portuguese(sent, "confirme o reenvio")
        assert machine.visit("/healthz").status == 200
        assert machine.visit("/readyz").status == 503

    @pytest.mark.parametrize("mode", ["fast", "immediate"])
    def test_stopped_and_started_again(self, machine, mode):
        workers = machine.workers()
        pages_are_lent(machine)
        machine.postgresql.stop(mode)
        try:
            self.visitors_and_editors_are_told(machine)
        finally:
            machine.postgresql.start()
        work_goes_on(machine)
        # What was refused is sent again, as the browser does it.
        form = edited(title="Acordo de depois", slug="acordo")
        assert machine.edit(EDIT.format(machine.article), **form).status == 302
        eventually(lambda: "Acordo de depois" in machine.visit("/noticias/acordo/").text)
        assert machine.workers() == workers
        assert "Traceback" not in machine.visit("/noticias/acordo/").text

    def test_hanging_and_awake_again(self, machine):
        workers = machine.workers()
        hurried = []

        def ask_for_what_is_not_kept(number):
            with suppress(OSError):
                hurried.append(machine.ask(f"/nada-{number}/", timeout=60).status)

        with machine.postgresql.hanging():
            # More than there are threads, before anybody can know.
            threads = [
                threading.Thread(target=ask_for_what_is_not_kept, args=[number])
                for number in range(40)
            ]
            for thread in threads:
                thread.start()
            longest = slowest(machine.ask, VISITED)
            print(f"a kept page as PostgreSQL begins to hang: {longest * 1000:.0f} ms at most")
            assert longest < SOON
            self.visitors_and_editors_are_told(machine)
            longest = slowest(machine.ask, VISITED * 20)
            print(f"a kept page while PostgreSQL hangs: {longest * 1000:.0f} ms at most")
            assert longest < 2
        for thread in threads:
            thread.join()
        assert set(hurried) <= {404, 503}
        work_goes_on(machine)
        assert machine.workers() == workers

    def test_a_lock_that_all_pages_wait_for(self, machine):
        # A page that changed since its last visit would have to be drawn, and wait like all others.
        slowest(machine.ask, VISITED)
        with closing(machine.postgresql.connect()) as holder, holder.transaction():
            holder.execute("LOCK TABLE wagtailcore_page")
            threads = []

            def everybody_waits() -> bool:
                """In both workers: whom of them a request meets is left to chance."""
                for _request in range(20):
                    address = f"/nada-{len(threads)}/"
                    thread = threading.Thread(
                        target=machine.ask, args=[address], kwargs={"timeout": 60}
                    )
                    threads.append(thread)
                    thread.start()
                time.sleep(0.5)
                return machine.postgresql.ask(WAITING) == [(WORKERS * settings.PAGE_CACHE_ROOM,)]

            eventually(everybody_waits)
            for ask in (machine.ask, machine.visit):
                assert slowest(ask, VISITED) < SOON
            longest = slowest(machine.ask, VISITED * 20)
            print(f"a kept page while a table is locked: {longest * 1000:.0f} ms at most")
            assert longest < 2
            pages_are_lent(machine)
            assert refused_in_portuguese(machine.ask(NEVER_VISITED), DATABASE)
            assert refused_in_portuguese(machine.edit(), DATABASE)
        for thread in threads:
            thread.join()
        work_goes_on(machine)

    def test_a_lock_that_pages_which_changed_wait_for(self, machine):
        """nginx waits no longer than it is told to, and shows its copy of before."""
        name = "Nome durante o bloqueio"
        slowest(machine.visit, VISITED)
        with (
            nginx_waits(machine.nginx, 1),
            closing(machine.postgresql.connect()) as holder,
            holder.transaction(),
        ):
            holder.execute("LOCK TABLE wagtailcore_page")
            change(machine, name)
            # What the site itself answered meanwhile has no such header.
            eventually(lambda: "does not answer" in machine.visit().headers.get("Cache-Status", ""))
            answer = machine.visit("/noticias/")
            assert answer.status == 200
            assert name not in answer.text
        is_seen(machine, name)
        work_goes_on(machine)

    def test_no_connection_left(self, machine):
        others = []
        try:

            def all_are_taken() -> bool:
                """The site may be quicker to have one again, which is ended the next time."""
                ours = [other.info.backend_pid for other in others]
                machine.postgresql.ask(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = 'jundiai' AND pid <> ALL(%s)",
                    ours,
                )
                with suppress(psycopg.OperationalError):
                    while True:
                        others.append(machine.postgresql.connect("jundiai"))
                return len(others) == PostgreSQL.CONNECTIONS

            eventually(all_are_taken)
            self.visitors_and_editors_are_told(machine)
        finally:
            for other in others:
                other.close()
        work_goes_on(machine)


HALF = """
SELECT page.slug, page.live, page.live_revision_id, page.latest_revision_id, found.title
FROM wagtailcore_page page
LEFT JOIN search_searchentry found ON found.page_id = page.id
LEFT JOIN wagtailcore_pagelogentry told
    ON told.page_id = page.id AND told.action = 'wagtail.publish'
WHERE page.slug LIKE 'morte-%%' AND NOT (
    page.live AND page.live_revision_id = page.latest_revision_id
    AND found.title = page.title AND told.id IS NOT NULL
)
"""
COUNTS = """
SELECT (SELECT count(*) FROM news_articlepage JOIN wagtailcore_page ON id = page_ptr_id WHERE live),
    (SELECT sum(count) FROM news_archivemonth WHERE category_id IS NULL AND goal_id IS NULL)
"""


class TestWorkersKilled:
    def test_under_load(self, machine):
        """No reader notices, neither of pages that are kept nor of others."""
        answers, is_over, never = [], threading.Event(), itertools.count()

        def read(number):
            while not is_over.is_set():
                # Most are drawn each time, so that whoever is killed is at work.
                drawn = (f"{NEVER_VISITED}?{number}&{next(never)}" for _time in range(10))
                for address in ("/", *drawn):
                    try:
                        answers.append((address, machine.visit(address).status))
                    except (OSError, http.client.HTTPException) as error:
                        answers.append((address, repr(error)))

        pages_are_lent(machine)
        readers = [threading.Thread(target=read, args=[number]) for number in range(4)]
        for reader in readers:
            reader.start()
        try:
            for _time in range(3):
                begun = machine.workers()
                # All but one, which answers meanwhile.
                for worker in begun[1:]:
                    os.kill(worker, signal.SIGKILL)
                eventually(
                    lambda begun=begun: (
                        machine.log.count("Booting worker")
                        and len(set(machine.workers()) - set(begun)) == WORKERS - 1
                    )
                )
                number = len(answers)
                eventually(lambda number=number: len(answers) > number + 100, 60)
        finally:
            is_over.set()
            for reader in readers:
                reader.join()
        print(f"{len(answers)} answers while workers were killed")
        assert {status for _address, status in answers} == {200}
        pages_are_lent(machine)

    def test_all_at_once(self, machine):
        """What they lent is over before there are others, for whom a visitor waits."""
        pages_are_lent(machine)
        first, workers = machine.server.process.pid, machine.workers()
        # It starts others, which may be quicker than what was lent is over.
        os.kill(first, signal.SIGSTOP)
        try:
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            time.sleep(LASTS)
        finally:
            os.kill(first, signal.SIGCONT)
        answer = machine.visit()
        assert answer.status == 200
        assert not is_lent(answer)
        work_goes_on(machine)

    def test_during_a_publication(self, machine):
        """All or nothing of it is in the database, and all if the editor was told so."""
        address = f"/admin/pages/add/news/articlepage/{machine.index}/"
        other = Server(
            machine.folder / "other",
            # So that those who were killed are replaced at once.
            **{**machine.server.environment, "GUNICORN_CMD_ARGS": "--preload"},
        )
        other.folder.mkdir()
        answers = {}

        def publish(slug):
            form = edited(title=f"Morte {slug}", slug=slug)
            with suppress(OSError, http.client.HTTPException):
                answers[slug] = machine.ask(address, server=other, **machine.sent(form)).status

        def is_warm():
            with suppress(OSError, http.client.HTTPException):
                return machine.ask(address, server=other, **machine.cookies).status == 200

        with other.running(workers=1):
            assert is_warm()
            publish("morte-sem")
            begun = time.monotonic()
            publish("morte-sem-2")
            usual = time.monotonic() - begun
            rounds = 8
            for number in range(rounds):
                eventually(is_warm)
                editor = threading.Thread(target=publish, args=[f"morte-{number}"])
                editor.start()
                time.sleep(usual * 1.6 * number / rounds)
                for worker in machine.workers(other):
                    os.kill(worker, signal.SIGKILL)
                editor.join()
        there = {
            slug
            for (slug,) in machine.postgresql.ask(
                "SELECT slug FROM wagtailcore_page WHERE slug LIKE 'morte-%%'"
            )
        }
        told = {slug for slug, status in answers.items() if status == 302}
        print(f"{usual:.2f} s; told {len(told)}, there {len(there)} of {rounds + 2}")
        assert told <= there
        assert machine.postgresql.ask(HALF) == []
        ((live, counted),) = machine.postgresql.ask(COUNTS)
        assert live == counted


# The disk ----------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, size="64k"):
    """A file system of its own in the place of ``folder``."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def fill(folder: Path) -> None:
    with suppress(OSError), open(folder / "ballast", "wb", buffering=0) as ballast:
        while ballast.write(bytes(1024)):
            pass


def change(machine, name: str) -> None:
    """What an editor does."""
    machine.postgresql.ask("UPDATE pages_siteidentity SET name = %s RETURNING 1", name)


def is_seen(machine, name: str, address="/") -> None:
    eventually(lambda: name in machine.ask(address).text and name in machine.visit(address).text)


class TestDisk:
    @pytest.mark.parametrize("state", ["full", "read-only"])
    def test_of_kept_pages(self, machine, state):
        folder = machine.folder / "pages"
        with small_disk(folder):
            fill(folder) if state == "full" else remount(folder, "ro")
            for number in range(2):
                name = f"Nome {number} num disco {state}"
                change(machine, name)
                is_seen(machine, name)
                for ask in (machine.ask, machine.visit):
                    assert slowest(ask, VISITED * 3) < SOON
                # Each page has a second of its own in nginx.
                is_seen(machine, name, "/noticias/")
        work_goes_on(machine)

    @pytest.mark.parametrize("state", ["full", "read-only"])
    def test_of_nginx_s_copies(self, machine, state):
        """It is in memory, with what is lent. Visitors get whole pages, of the site."""
        folders = [machine.nginx.folder / name for name in ("cache", "leases")]
        with small_disk(folders[0]), small_disk(folders[1]):
            for folder in folders:
                fill(folder) if state == "full" else remount(folder, "ro")
            for number in range(2):
                name = f"Nome {number} sem cópias, {state}"
                change(machine, name)
                eventually(lambda name=name: name in machine.ask().text)
                time.sleep(1)
                for address in VISITED * 3:
                    # Who has a cookie is lent nothing at any time.
                    for headers in ({}, {"Cookie": "x=1"}):
                        answer = machine.nginx.ask(address, **headers)
                        assert answer.status == 200
                        assert name in answer.text
                        assert "</html>" in answer.text
        # With room again, nginx has its copies too.
        eventually(lambda: "nginx; hit" in str(machine.nginx.ask(Cookie="x=1").headers))
        work_goes_on(machine)

    def test_nginx_keeps_its_copies_where_no_disk_fills_up(self):
        """Where it cannot write a copy it ends the connection, so they are in memory."""
        common = (DEPLOY / "common.sh").read_text()
        copies = re.search(r"(?m)^copies=(\S+)", common)[1]
        leases = re.search(r"(?m)^leases=(\S+)", common)[1]
        assert Path(copies).parent == Path(leases).parent == Path("/run")
        assert '--cache "$copies"' in common
        unit = (DEPLOY / "systemd/jundiai-forget-pages.service").read_text()
        assert f"ReadWritePaths=-{copies}" in unit
        assert f"find {copies} " in unit

    #: In the form, beside its field.
    TOLD = {
        "full": "Não há espaço no servidor para guardar este arquivo.",
        "read-only": "O servidor não consegue guardar arquivos neste momento.",
    }

    @pytest.mark.parametrize("state", ["full", "read-only"])
    def test_of_media(self, machine, state):
        """The editor is told, nothing is left behind, and all else goes on."""
        folder = machine.folder / "media"
        with small_disk(folder, "1m"):
            fill(folder) if state == "full" else remount(folder, "ro")
            refused = self.upload(machine, state)
            assert refused.status == 200
            assert self.TOLD[state] in refused.text
            assert (
                machine.postgresql.ask("SELECT 1 FROM pages_siteimage WHERE title = %s", state)
                == []
            )
            assert machine.visit("/readyz").status == 503
            assert slowest(machine.visit, VISITED) < SOON
            name = f"Nome com as imagens num disco {state}"
            change(machine, name)
            is_seen(machine, name)
            form = edited(title=f"Acordo num disco {state}", slug="acordo")
            assert machine.edit(EDIT.format(machine.article), **form).status == 302
            if state == "full":
                (folder / "ballast").unlink()
            else:
                remount(folder, "rw")
            assert self.upload(machine, state).status == 302
            assert machine.postgresql.ask("SELECT 1 FROM pages_siteimage WHERE title = %s", state)
            machine.postgresql.ask("DELETE FROM pages_siterendition RETURNING 1")
            machine.postgresql.ask(
                "DELETE FROM pages_siteimage WHERE title = %s RETURNING 1", state
            )

    @staticmethod
    def upload(machine, title: str) -> Answer:
        picture = io.BytesIO()
        Image.effect_noise((120, 120), 50).convert("RGB").save(picture, "PNG")
        fields = {
            "csrfmiddlewaretoken": "c" * 32,
            "title": title,
            "description": "Um ruído.",
            "shows_people": "False",
            "collection": str(machine.collection),
            "credit": "Ninguém",
        }
        parts = [
            f'--corte\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = b'--corte\r\nContent-Disposition: form-data; name="file"; filename="r.png"\r\n'
        parts += [
            head,
            b"Content-Type: image/png\r\n\r\n",
            picture.getvalue(),
            b"\r\n--corte--\r\n",
        ]
        sent = {
            **machine.sent({}),
            "body": b"".join(parts),
            "Content-Type": "multipart/form-data; boundary=corte",
        }
        return machine.nginx.ask("/admin/images/add/", **sent)


# Redis -------------------------------------------------------------------------------------------


class Redis:
    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ("--bind", "127.0.0.1", "--save", "", "--dir", self.folder)
        self.process = subprocess.Popen(
            [REDIS, "--port", str(self.port), *options], stdout=subprocess.DEVNULL
        )
        eventually(self.answers)

    def answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as asking:
            asking.sendall(b"PING\r\n")
            return asking.recv(5) == b"+PONG"
        return False

    def say(self, words: str) -> str:
        with socket.create_connection(("127.0.0.1", self.port), 5) as asking:
            asking.sendall(f"{words}\r\n".encode())
            return asking.recv(100).decode()

    @property
    def pages(self) -> int:
        return int(self.say("DBSIZE")[1:])

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait(20)


@pytest.mark.skipif(REDIS is None, reason="Redis is missing: sudo apt install redis-server")
def test_redis_gone_slow_emptied_and_back(machine):
    """Pages are there all the time, and new as ever; what is lost is made anew."""
    folder = machine.folder / "redis"
    folder.mkdir()
    redis = Redis(folder)
    redis.start()
    other = Server(folder, **{**machine.server.environment, "REDIS_URL": redis.url})

    def ask(address="/"):
        return machine.ask(address, server=other)

    def pages_are_there(what: str) -> None:
        """Also for those whose page has just changed."""
        name = f"Nome enquanto o Redis {what}"
        change(machine, name)
        changed_at = time.monotonic()
        eventually(lambda: name in ask().text)
        longest = slowest(ask, VISITED * 4)
        print(f"Redis {what}: {longest * 1000:.0f} ms at most")
        assert longest < SOON
        # Until then a process may show a page as it was.
        time.sleep(max(0.0, changed_at + 1 - time.monotonic()))
        assert all(name in ask(address).text for address in VISITED for _worker in range(WORKERS))

    try:
        with other.running(WORKERS):
            pages_are_there("funciona")
            assert redis.pages >= len(VISITED)
            redis.say("FLUSHALL")
            pages_are_there("esqueceu tudo")
            assert redis.pages >= len(VISITED)
            redis.send(signal.SIGSTOP)
            pages_are_there("não responde")
            redis.send(signal.SIGCONT)
            eventually(redis.answers)
            pages_are_there("acordou")
            redis.send(signal.SIGKILL)
            pages_are_there("morreu")
            redis.start()
            assert redis.pages == 0
            # As after a power cut, with what it had written some time before.
            eventually(lambda: pages_are_there("voltou vazio") or redis.pages >= len(VISITED))
            assert redis.say("SAVE").startswith("+OK")
            pages_are_there("guardou antes")
            redis.send(signal.SIGKILL)
            redis.start()
            assert redis.pages >= len(VISITED)
            # For a second after a failure it is not asked.
            eventually(lambda: pages_are_there("voltou") or redis.pages >= len(VISITED))
    finally:
        redis.send(signal.SIGCONT)
        redis.send(signal.SIGKILL)


# What is slow -----------------------------------------------------------------------------------


class SlowSite:
    """The site of the machine once more, whose database and Redis may be slow."""

    def __init__(self, machine: Machine):
        self._machine, folder = machine, machine.folder / "slow"
        (folder / "nginx").mkdir(parents=True)
        postgresql = f"{machine.postgresql.socket}/.s.PGSQL.5432"
        self.database = SlowProxy(lambda: asyncio.open_unix_connection(postgresql))
        self._redis = Redis(folder)
        self.redis = SlowProxy(lambda: asyncio.open_connection("127.0.0.1", self._redis.port))
        self.server = Server(
            folder,
            **{
                **machine.server.environment,
                "DATABASE_URL": f"postgres://jundiai@127.0.0.1:{self.database.port}/jundiai",
                "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0" if REDIS else "",
                "PAGE_CACHE_ROOT": str(folder / "pages"),
                "PAGE_CACHE_WITHDRAWALS_FILE": str(folder / "withdrawals"),
            },
        )
        self.nginx = Nginx(folder / "nginx", self.server)

    @contextmanager
    def running(self):
        with ExitStack() as started:
            for each in (self.database, self.redis):
                started.enter_context(each.running())
            if REDIS:
                self._redis.start()
                started.callback(self._redis.send, signal.SIGKILL)
            self.nginx.configure()
            started.enter_context(self.nginx.running())
            started.enter_context(self.server.running(WORKERS))
            yield self

    def ask(self, address="/") -> Answer:
        host = f"localhost:{self.nginx.https}"
        return self._machine.ask(address, server=self.server, Host=host)

    def visit(self, address="/") -> Answer:
        return self.nginx.ask(address)

    def usual(self, times=12) -> float:
        """Seconds that a kept page takes in the median, asked for now and then."""
        took = []
        for _time in range(times):
            begun = time.monotonic()
            assert self.ask().status == 200
            took.append(time.monotonic() - begun)
            time.sleep(0.1)
        return statistics.median(took)

    def is_quick_again(self, name: str) -> None:
        """And shows what changed meanwhile."""
        eventually(lambda: name in self.visit().text and is_fresh(self.visit()))
        pages_are_lent(self)
        assert self.usual(3) < 0.1


@pytest.fixture(scope="module")
def slow_site(machine):
    with SlowSite(machine).running() as site:
        for address in VISITED:
            assert site.visit(address).status == 200
        yield site


def is_shown_or_refused(answer: Answer) -> bool:
    """Late; or by the site or nginx, for it would be later still."""
    print(f"a page that is not kept: {answer.status}")
    return answer.status == 200 or refused_in_portuguese(answer, "não está respondendo")


class TestSlow:
    def test_a_database_that_is_slow(self, machine, slow_site):
        """Pages are as new as ever. Who needs a drawing waits for it."""
        pages_are_lent(slow_site)
        name = "Nome de um banco de dados lento"
        with slow_site.database.slow(0.3), ThreadPoolExecutor() as visitors:
            usual = slow_site.usual()
            print(f"a kept page: {usual * 1000:.0f} ms")
            assert usual < PATIENCE
            pages_are_lent(slow_site)
            change(machine, name)
            begun = time.monotonic()
            other = visitors.submit(slow_site.visit, f"{NEVER_VISITED}?lento")
            # All pages that were visited lately are drawn at once.
            eventually(lambda: name in slow_site.visit().text, 60)
            print(f"a change is seen after {time.monotonic() - begun:.1f} s")
            assert is_shown_or_refused(other.result())
        slow_site.is_quick_again(name)

    def test_a_database_that_is_slower_than_pages_may_wait_for(self, machine, slow_site):
        """As if there were none: kept pages are there at once, as they were."""
        pages_are_lent(slow_site)
        name = "Nome de um banco de dados mais lento"
        with slow_site.database.slow(1.0), ThreadPoolExecutor() as visitors:
            other = visitors.submit(slow_site.visit, f"{NEVER_VISITED}?mais-lento")
            nothing_is_lent(slow_site)
            eventually(lambda: not is_fresh(slow_site.ask()))
            usual = slow_site.usual()
            print(f"a kept page: {usual * 1000:.0f} ms")
            assert usual < 0.1
            change(machine, name)
            for ask in (slow_site.ask, slow_site.visit):
                assert slowest(ask, VISITED) < SOON
            assert is_shown_or_refused(other.result())
        slow_site.is_quick_again(name)

    @pytest.mark.skipif(REDIS is None, reason="Redis is missing: sudo apt install redis-server")
    @pytest.mark.parametrize("delay", [0.1, 0.3, 1.0])
    def test_redis(self, machine, slow_site, delay):
        """It is asked little while it is slow, and what it tells late is not waited for."""
        name = f"Nome de um Redis {delay} s mais lento"
        with slow_site.redis.slow(delay):
            change(machine, name)
            begun = time.monotonic()
            eventually(lambda: name in slow_site.visit().text, 4)
            print(f"a change is seen after {time.monotonic() - begun:.1f} s")
            for address in VISITED:
                eventually(lambda address=address: name in slow_site.visit(address).text)
            usual = slow_site.usual()
            print(f"a kept page: {usual * 1000:.0f} ms")
            assert usual < 0.1
            pages_are_lent(slow_site)
        slow_site.is_quick_again(name)


# Migrations --------------------------------------------------------------------------------------

GOOD_MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("wagtailcore", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE TABLE metade (id int)"),
        migrations.RunSQL("ALTER TABLE pages_siteidentity ADD metade int"),
        migrations.RunSQL("INSERT INTO metade VALUES (1)"),
    ]
"""
#: It fails after it has changed tables and rows.
BAD_MIGRATION = GOOD_MIGRATION.replace("VALUES (1)", "VALUES ('não é um número')")
SCHEMA = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' UNION ALL
SELECT tgname::text, tgrelid::regclass::text, '' FROM pg_trigger UNION ALL
SELECT app, name, '' FROM django_migrations ORDER BY 1, 2, 3
"""


def test_a_migration_that_fails_half_way(machine, tmp_path):
    """It leaves the database as it was, and who serves goes on; a good one works afterwards."""
    app = tmp_path / "metade"
    (app / "migrations").mkdir(parents=True)
    for package in (app, app / "migrations"):
        (package / "__init__.py").touch()
    migration = app / "migrations/0001_initial.py"
    (tmp_path / "next_release.py").write_text(
        "from tests.faults_settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'metade']\n"
    )
    release = {
        "DJANGO_SETTINGS_MODULE": "next_release",
        "PYTHONPATH": f"{tmp_path}:{settings.BASE_DIR}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def migrate(*more):
        machine.server.manage("migrate", "--noinput", "--verbosity", "0", *more, **release)

    before = machine.postgresql.ask(SCHEMA)
    migration.write_text(BAD_MIGRATION)
    statuses, is_over = [], threading.Event()

    def read():
        while not is_over.is_set():
            statuses.append(machine.visit(f"{NEVER_VISITED}?{len(statuses)}").status)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        with pytest.raises(subprocess.CalledProcessError):
            migrate()
        assert machine.postgresql.ask(SCHEMA) == before
        change(machine, "Nome depois da migração que falhou")
        is_seen(machine, "Nome depois da migração que falhou")
        migration.write_text(GOOD_MIGRATION)
        migrate()
        assert machine.postgresql.ask("SELECT id FROM metade") == [(1,)]
        work_goes_on(machine)
    finally:
        is_over.set()
        reader.join()
    with closing(machine.postgresql.connect()) as connection:
        connection.execute("DROP TABLE metade; ALTER TABLE pages_siteidentity DROP metade")
        connection.execute("DELETE FROM django_migrations WHERE app = 'metade'")
    assert set(statuses) == {200}
    assert machine.postgresql.ask(SCHEMA) == before


# The clock ---------------------------------------------------------------------------------------


class Clock:
    """The time of day of programs that are started with ``environment``."""

    def __init__(self, folder: Path):
        folder.mkdir()
        self._ahead = folder / "ahead"
        self.set(0)
        library = folder / "clock.so"
        source = Path(__file__).with_name("clock.c")
        subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_FILE": str(self._ahead)}

    def set(self, ahead: int) -> None:
        self.ahead = ahead
        # In place, for the programs have it mapped.
        with open(self._ahead, "r+b" if self._ahead.exists() else "wb") as file:
            file.write(struct.pack("q", ahead))

    @property
    def now(self) -> float:
        return time.time() + self.ahead


@pytest.mark.skipif(COMPILER is None, reason="a C compiler is missing: sudo apt install gcc")
def test_the_clock_is_set(machine, monkeypatch):
    """An hour and a year, forward and back, of nginx and the site: pages stay as fresh as ever."""
    clock = Clock(machine.folder / "clock")
    other = Server(
        machine.folder / "clock",
        **{
            **machine.server.environment,
            **clock.environment,
            "PAGE_CACHE_ROOT": str(machine.folder / "clock/pages"),
        },
    )
    nginx = Nginx(machine.folder / "clock", other)
    nginx.configure()
    monkeypatch.setattr(nginx, "command", lambda: ["env", *said, *Nginx.command(nginx)])
    said = [f"{name}={value}" for name, value in clock.environment.items()]
    timer = (DEPLOY / "systemd/jundiai-clock.timer").read_text()
    assert "OnClockChange=yes" in timer
    with other.running(WORKERS), nginx.running():
        for ahead in (0, -3600, 0, 3600, 365 * 86400, 0):
            for address in VISITED:
                assert nginx.ask(address).status == 200
            clock.set(ahead)
            # As systemd does then, by its timer.
            nginx.forget()
            nginx.reload()
            begun = time.monotonic()
            name = f"Nome às {clock.now}"
            change(machine, name)
            eventually(lambda name=name: name in nginx.ask().text)
            print(f"{ahead} s: seen after {time.monotonic() - begun:.1f} s")
            for address in VISITED:
                eventually(lambda: name in nginx.ask(address).text)  # noqa: B023
                page = machine.ask(address, server=other, Host=f"localhost:{nginx.https}")
                assert is_fresh(page)
                assert name in page.text
                last = int(page.headers["X-Accel-Expires"].removeprefix("@"))
                assert clock.now - 5 < last <= clock.now
                assert page.headers["Cache-Control"].startswith("public, max-age=0, s-maxage=1")
            # nginx answers by itself again.
            eventually(lambda: "nginx; hit" in nginx.ask().headers.get("Cache-Status", ""))
    log = (machine.folder / "clock/server.log").read_text()
    assert "Traceback" not in log
    assert "timeout" not in log.lower()


# All of it ---------------------------------------------------------------------------------------


def publish_until(publish, cut) -> int:
    """Publish one version after the other; the number of the last that was told as published."""
    told = [0]

    def go_on():
        number = 0
        while True:
            number += 1
            try:
                status = publish(number)
            except (OSError, http.client.HTTPException):
                return
            if status != 302:
                return
            told.append(number)

    editor = threading.Thread(target=go_on)
    begun = time.monotonic()
    editor.start()
    eventually(lambda: len(told) > 4, 60)
    # In the middle of the next one.
    time.sleep((time.monotonic() - begun) / 4 / 2)
    cut()
    editor.join()
    return told[-1]


def test_everything_killed_while_an_editor_publishes(machine):
    """As in a power cut, with `fsync` on, and started again on what is left.

    What was told as published is there. A second later nobody is shown anything older.
    """
    article, cuts, answers, is_over = "/noticias/acordo/", [], [], threading.Event()
    assert machine.postgresql.ask("SHOW fsync") == [("on",)]

    def read():
        while not is_over.is_set():
            for address in (article, "/noticias/", "/"):
                asked = time.monotonic()
                try:
                    answer = machine.visit(address)
                except (OSError, http.client.HTTPException):
                    answer = None
                answers.append((address, asked, time.monotonic(), answer))
            time.sleep(0.02)

    def publish(number):
        form = edited(title=f"Corrente {number}", slug="acordo")
        return machine.edit(EDIT.format(machine.article), **form).status

    def cut():
        cuts.append(time.monotonic())
        machine.cut_the_power()

    readers = [threading.Thread(target=read) for _reader in range(3)]
    for reader in readers:
        reader.start()
    try:
        told = publish_until(publish, cut)
        machine.postgresql.start()
        machine.start()
        started = time.monotonic()
        wanted = {article, "/noticias/", "/"}
        # On a busy machine a page may take seconds to be drawn for the first time.
        eventually(
            lambda: wanted == {each for each, asked, *_ in answers[:] if asked > started + 1}, 30
        )
    finally:
        is_over.set()
        for reader in readers:
            reader.join()
    ((title, is_live, is_whole, found),) = machine.postgresql.ask(
        "SELECT page.title, live, live_revision_id = latest_revision_id, found.title"
        " FROM wagtailcore_page page JOIN search_searchentry found ON page_id = page.id"
        " WHERE page.id = %s",
        machine.article,
    )
    # The last one may have been kept without a word of it getting through.
    assert title in (f"Corrente {told}", f"Corrente {told + 1}")
    assert (is_live, is_whole, found) == (True, True, title)
    before = [answer for _address, _asked, at, answer in answers if at < cuts[0]]
    after = [(address, answer) for address, asked, _at, answer in answers if asked > started + 1]
    print(f"told {told}, there: {title}; {len(before)} answers before, {len(after)} after")
    assert {answer and answer.status for answer in before} == {200}
    assert {answer and answer.status for _address, answer in after} == {200}
    for address in (article, "/noticias/"):
        shown = {
            number
            for each, answer in after
            if each == address
            for number in re.findall(r"Corrente \d+", answer.text)
        }
        assert shown == {title}
    for address in (*VISITED, article):
        # Who says who they are has it drawn for them.
        drawn = machine.ask(address, Authorization="Basic eDp4")
        assert machine.visit(address).text == machine.ask(address).text == drawn.text
    work_goes_on(machine)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory, django_db_setup, shared_database):
    folder = tmp_path_factory.mktemp("embedded")
    server = Server(folder, PAGE_CACHE_ROOT=str(folder / "pages"))
    server.begin_with(shared_database.filled)
    return server


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies SQLite's database")
class TestSQLite:
    """The embedded default, with the content that every test finds."""

    def test_everything_killed_while_an_editor_publishes(self, embedded):
        told = embedded.folder / "told.json"
        embedded.manage(
            "shell", "--verbosity", "0", "--command", PREPARE.replace("FILE", repr(str(told)))
        )
        known = json.loads(told.read_text())
        host = embedded.address.removeprefix("http://")

        def publish(number):
            form = edited(title=f"Corrente {number}", slug="acordo", csrfmiddlewaretoken="c" * 32)
            with closing(http.client.HTTPConnection(host, timeout=30)) as asking:
                asking.request(
                    "POST",
                    EDIT.format(known["article"]),
                    urlencode(form),
                    {
                        "Cookie": f"session={known['session']}; csrf={'c' * 32}",
                        "Content-Type": "application/x-www-form-urlencoded",
                    },
                )
                return asking.getresponse().status

        with embedded.running(WORKERS):
            last = publish_until(publish, lambda: kill_at_once(embedded.process.pid))
        with closing(sqlite3.connect(embedded.database)) as after:
            assert after.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            ((title, is_whole),) = after.execute(
                "SELECT title, live AND live_revision_id = latest_revision_id"
                " FROM wagtailcore_page WHERE id = ?",
                [known["article"]],
            )
        assert title in (f"Corrente {last}", f"Corrente {last + 1}")
        assert is_whole

    def test_what_is_told_as_saved_is_on_the_disk(self, embedded):
        """A power cut cannot be made here. With less than 2 (FULL) it may take back what was kept
        last, though the file stays whole (https://www.sqlite.org/pragma.html#pragma_synchronous)."""
        told = embedded.folder / "pragma"
        command = (
            "from django.db import connection\n"
            "with connection.cursor() as cursor:\n"
            "    modes = [cursor.execute(f'PRAGMA {name}').fetchone()[0]"
            " for name in ('journal_mode', 'synchronous')]\n"
            f"    open({str(told)!r}, 'w').write(str(modes))"
        )
        embedded.manage("shell", "--verbosity", "0", "--command", command)
        assert told.read_text() == "['wal', 2]"
